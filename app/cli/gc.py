"""`mho gc`: away with what nobody needs any more."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.serving.read_settings import prepare_home, read_settings
from worker.contract import BlobStore, JobStore, Verification, collect_garbage, upgrade, verify
from worker.contract.process.harmless import one_line


def gc(
    check: Annotated[
        bool,
        typer.Option(
            "--verify", help="Remove nothing, read every file and show those that are lost; exit code 1 where any is."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, and show what would be removed.")] = False,
    home: Annotated[
        Path | None,
        typer.Option(envvar="MHO_HOME", metavar="DIR", help="The service's home folder; ~/.local/share/mho."),
    ] = None,
) -> None:
    """Remove jobs past MHO_RETENTION_DAYS, and files that no job and no dataset has: for whoever runs the service.

    A running server does the same by itself, every ten minutes. Columns between tabs: job, id, when it finished; file,
    SHA-256, bytes. With --verify: lost, SHA-256, missing or damaged, what it is, id of the job or dataset, name.
    """
    settings = read_settings(home=home)
    if settings.database_url.startswith("sqlite"):
        prepare_home(settings.home)
    upgrade(settings.database_url)
    with closing(JobStore(settings.database_url)) as store:
        if check:
            _say_lost(verify(store, BlobStore(settings.artifacts_url)))
            return
        found = collect_garbage(store, BlobStore(settings.artifacts_url), settings, dry_run=dry_run)
    for job_id, finished_at in found.jobs:
        typer.echo(f"job\t{job_id}\t{finished_at.isoformat(timespec='seconds')}")
    for blob in found.blobs:
        typer.echo(f"file\t{blob.sha256}\t{blob.size}")
    done = "would be removed" if dry_run else "removed"
    typer.echo(f"{len(found.jobs)} jobs and {len(found.blobs)} files of {found.bytes:,} bytes {done}", err=True)


def _say_lost(found: Verification) -> None:
    """A line for each use of a lost file.

    Raises:
        typer.Exit: with 1, where any is lost.
    """
    for blob in found.lost:
        for use in blob.uses or (None,):
            what = ("nobody", "", "") if use is None else (use.kind, use.id, use.name)
            typer.echo("\t".join(map(one_line, ("lost", blob.sha256, blob.fault, *what))))
    typer.echo(f"{found.files:,} files of {found.bytes:,} bytes read, {len(found.lost):,} lost", err=True)
    if found.lost:
        raise typer.Exit(1)
