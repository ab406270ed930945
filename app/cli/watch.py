"""`mho watch`: follow a job to its end."""

from __future__ import annotations

import typer

from app.cli.options import DEFAULT_URL, JobId, Json, Url
from app.cli.watching import watch_job
from app.client import Client


def watch(job_id: JobId, url: Url = DEFAULT_URL, json_output: Json = False) -> None:
    """Follow a job until it has finished: a progress bar on a terminal, plain lines in a pipe.

    Exits 0 when the job has succeeded and 1 when it failed or was cancelled. Ctrl-C stops watching, not the job.
    """
    with Client(url) as client:
        raise typer.Exit(watch_job(client, job_id, json_output=json_output))
