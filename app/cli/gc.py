"""`mho gc`: away with what nobody needs any more."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.read_settings import prepare_home, read_settings
from worker.contract import BlobStore, JobStore, collect_garbage, upgrade


def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, and show what would be removed.")] = False,
    home: Annotated[
        Path | None,
        typer.Option(envvar="MHO_HOME", metavar="DIR", help="The service's home folder; ~/.local/share/mho."),
    ] = None,
) -> None:
    """Remove jobs past MHO_RETENTION_DAYS, and files that no job and no dataset has: for whoever runs the service.

    A running server does the same by itself, every ten minutes. Columns between tabs: job, id, when it finished; file,
    SHA-256, bytes.
    """
    settings = read_settings(home=home)
    if settings.database_url.startswith("sqlite"):
        prepare_home(settings.home)
    upgrade(settings.database_url)
    with closing(JobStore(settings.database_url)) as store:
        found = collect_garbage(store, BlobStore(settings.artifacts_url), settings, dry_run=dry_run)
    for job_id, finished_at in found.jobs:
        typer.echo(f"job\t{job_id}\t{finished_at.isoformat(timespec='seconds')}")
    for blob in found.blobs:
        typer.echo(f"file\t{blob.sha256}\t{blob.size}")
    done = "would be removed" if dry_run else "removed"
    typer.echo(f"{len(found.jobs)} jobs and {len(found.blobs)} files of {found.bytes:,} bytes {done}", err=True)
