"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.client import DEFAULT_URL
from app.client.url import server_url

URL_VARIABLE = "MHO_URL"


def checked_url(context: typer.Context, parameter: typer.CallbackParam, url: str | None) -> str | None:
    """The address, refused by the name of the option or variable that it came from.

    Raises:
        InvalidInput: no request can be sent there.
    """
    if url is None or context.resilient_parsing:
        return url
    source = context.get_parameter_source(parameter.name or "")
    from_variable = source is not None and source.name == "ENVIRONMENT"
    return server_url(url, named=URL_VARIABLE if from_variable else "--url")


JobFile = Annotated[
    Path,
    typer.Argument(
        metavar="JOB.json", help="The job description; - reads it from standard input.", allow_dash=True, dir_okay=False
    ),
]
JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id, as `mho submit` and `mho list` print it.")]
Url = Annotated[
    str,
    typer.Option(
        "--url", envvar=URL_VARIABLE, metavar="URL", help="The server.", show_default=True, callback=checked_url
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON for machines instead of text for people.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the output folder if it exists.")]

__all__ = ["DEFAULT_URL", "URL_VARIABLE", "Force", "JobFile", "JobId", "Json", "Url", "checked_url"]
