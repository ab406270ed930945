"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.client import DEFAULT_URL

JobFile = Annotated[
    Path,
    typer.Argument(
        metavar="JOB.json", help="The job description; - reads it from standard input.", allow_dash=True, dir_okay=False
    ),
]
JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id, as `mho submit` and `mho list` print it.")]
Url = Annotated[str, typer.Option("--url", envvar="MHO_URL", metavar="URL", help="The server.", show_default=True)]
Json = Annotated[bool, typer.Option("--json", help="JSON for machines instead of text for people.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the output folder if it exists.")]

__all__ = ["DEFAULT_URL", "Force", "JobFile", "JobId", "Json", "Url"]
