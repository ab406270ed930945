"""`mho cancel`: end a job."""

from __future__ import annotations

import typer

from app.cli.options import DEFAULT_URL, JobId, Url
from app.client import Client


def cancel(job_id: JobId, url: Url = DEFAULT_URL) -> None:
    """Cancel a job: a queued one at once, a running one within seconds."""
    with Client(url) as client:
        job = client.cancel(job_id)
    ending = "cancelled" if job["state"] == "cancelled" else "will be cancelled in a moment"
    typer.echo(f"{job['id']} {ending}")
