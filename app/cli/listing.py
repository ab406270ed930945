"""Lists of what a server has: for people on a terminal, for programs in a pipe."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.table import Table

from worker.contract.process.console import TextConsole
from worker.contract.process.harmless import one_line


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str | int]], *, newest_of_more: int | None) -> None:
    """A table on a terminal, columns between tabs in a pipe.

    Args:
        columns: their headings.
        rows: as many entries each as there are columns. People see numbers in groups of three digits and a dash where
            a text is empty; programs see them as they are.
        newest_of_more: how many rows there are where the server has more; None: these are all.
    """
    console = TextConsole()
    if console.is_terminal:
        table = Table(box=None, header_style="bold")
        for column in columns:
            # Ids are there to be copied: however long a name is, they are neither cut nor broken.
            table.add_column(column, no_wrap=column in columns[:2], overflow="fold")
        for row in rows:
            table.add_row(*(f"{cell:,}" if isinstance(cell, int) else one_line(cell) or "-" for cell in row))
        console.print(table)
    else:
        for row in (columns, *rows):
            typer.echo("\t".join(one_line(str(cell)) for cell in row))
    if newest_of_more is not None:
        typer.echo(f"(the newest {newest_of_more}; more with --limit)", err=True)
