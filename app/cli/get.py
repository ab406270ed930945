"""`mho get`: fetch the artifacts of a job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import DEFAULT_URL, Force, JobId, Url
from app.client import Client
from worker.contract.process.harmless import one_line


def get(
    job_id: JobId,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The folder to make; the job's id by default.")
    ] = None,
    force: Force = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Download all artifacts of a job that has succeeded and verify the SHA-256 of each.

    The folder appears only when every file has arrived and is right; a download that breaks is taken up where it broke.
    """
    with Client(url) as client:
        job = client.get(job_id)
        folder = client.download(job["id"], out or Path(job["id"]), force=force)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            typer.echo(one_line(str(path)))
