"""A terminal for tables and bars, on which the text of strangers is text and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from worker.contract.process.harmless import harmless


class TextConsole(Console):
    """A console that neither reads markup or names of emoji in text nor lets a character steer the terminal.

    Args:
        file: where it writes; standard output by default.
    """

    def __init__(self, file: IO[str] | None = None) -> None:
        super().__init__(file=file, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Every piece of text goes through here; what steers the terminal on purpose is in segments of its own."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)
