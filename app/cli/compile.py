"""`mho compile`: one job in this process, without a service."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Force, JobFile, Json

GROUP = "mho.commands"
"""Entry points under which the command is found: it needs torch, which this package does not load."""


def compile_job(
    source: JobFile,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to make for the artifacts.")],
    force: Force = False,
    device: Annotated[
        str, typer.Option(envvar="MHO_DEVICE", help="Where to train: auto, cpu, cuda or cuda:N.")
    ] = "auto",
    threads: Annotated[
        int | None,
        typer.Option(envvar="MHO_THREADS", min=1, help="CPU threads; else OMP_NUM_THREADS, or all processors."),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(envvar="MHO_DATA_DIR", metavar="DIR", help="Folder with the datasets' IDX files."),
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            metavar="FILE",
            dir_okay=False,
            help="Data of your own (npz, or a zip of IDX files), for a job whose dataset is a file or was uploaded.",
        ),
    ] = None,
    json_output: Json = False,
) -> None:
    """Run one job here and now, and leave its artifacts in DIR, which appears whole or not at all.

    Exits 0 when done, 2 on invalid input, 1 when the job failed.
    """
    (found,) = entry_points(group=GROUP, name="compile")
    run = found.load()
    raise typer.Exit(
        run(
            source,
            out,
            force=force,
            device=device,
            json_output=json_output,
            data_dir=data_dir,
            threads=threads,
            dataset_file=dataset,
        )
    )
