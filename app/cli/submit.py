"""`mho submit`: post a job."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from app.cli.options import DEFAULT_URL, JobFile, Json, Url
from app.cli.streams import OutputLost
from app.cli.watching import watch_job
from app.client import Client, ProblemError
from hwcore.spec import warning_line
from worker.contract.jobs.job_file import document_name, named_in_faults, read_job_file


def submit(
    source: JobFile,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job to its end, as `mho watch`.")] = False,
    url: Url = DEFAULT_URL,
    json_output: Json = False,
) -> None:
    """Post a job to the service and print its id.

    The id alone goes to standard output, so that `id=$(mho submit job.json)` works.
    """
    with named_in_faults(source):
        document = read_job_file(source)
    with Client(url) as client:
        try:
            job = client.submit(document)
        except ProblemError as error:
            error.document = document_name(source)
            raise
        # A server of an older version says none, and has the job all the same.
        for warning in job.get("warnings", ()):
            typer.echo(warning_line(warning["field"], warning["message"]), err=True)
        try:
            if not json_output:
                typer.echo(job["id"])
            elif not watch:
                typer.echo(json.dumps(job))
        except OutputLost as lost:
            lost.add_note(f"job {job['id']} is posted")
            raise
        if watch:
            raise typer.Exit(watch_job(client, job["id"], json_output=json_output))
