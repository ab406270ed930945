"""`mho validate`: check a job or a hardware description without running it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.cli.checked import check, folder_of
from app.cli.options import URL_VARIABLE, JobFile, Json, checked_url
from app.problems.faults import fault_document
from hwcore.errors import InvalidInput
from hwcore.spec import warning_line
from worker.contract.jobs.job_file import named_in_faults, read_job_file

INVALID = 2


def validate(
    source: JobFile,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar=URL_VARIABLE,
            metavar="URL",
            help="The server that has the uploaded dataset.",
            callback=checked_url,
        ),
    ] = None,
    json_output: Json = False,
) -> None:
    """Check a job, or a hardware description alone, without running it.

    Needs no server. A job on an uploaded dataset is held against that dataset where a server is named, by --url or
    MHO_URL; without one it says that it was not. Data in a file are looked into where the file is there. Prints one
    line per fault, each with the field, what came and what is allowed, and exits 2 if there is any.

    A valid job comes with what it takes of the chip and roughly how long it will run. What is probably not meant goes
    to standard error.
    """
    try:
        with named_in_faults(source):
            found = check(read_job_file(source), folder_of(source), url)
    except InvalidInput as error:
        if not json_output:
            raise
        faults = [fault_document(fault) for fault in error.faults]
        typer.echo(json.dumps({"valid": False, "errors": faults}))
        raise typer.Exit(INVALID) from error
    for warning in found.warnings:
        typer.echo(warning_line(warning.field, warning.message), err=True)
    if json_output:
        typer.echo(json.dumps({"valid": True, **found.values}))
        return
    for line in found.lines:
        typer.echo(line)
