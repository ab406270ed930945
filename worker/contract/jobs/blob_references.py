"""Blobs that somebody refers to, and who does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Select, literal, or_, select

from worker.contract.database.tables import ARTIFACTS, JOBS, UPLOADS
from worker.contract.states import JobState

# A finished job has neither checkpoint nor bundle, and those that have not finished are few and found by an index.
_UNFINISHED = JOBS.c.state.in_((JobState.QUEUED, JobState.RUNNING))


def referenced_blobs(connection: Connection, without: Collection[str] = ()) -> frozenset[str]:
    """The SHA-256 of every artifact, upload, checkpoint and bundle, but for those of the jobs `without`."""
    skipped = frozenset(without)
    found = set(connection.scalars(select(UPLOADS.c.sha256)))
    found.update(
        row.sha256
        for row in connection.execute(select(ARTIFACTS.c.job_id, ARTIFACTS.c.sha256))
        if row.job_id not in skipped
    )
    checkpoints = select(JOBS.c.id, JOBS.c.checkpoint).where(JOBS.c.checkpoint.is_not(None))
    found.update(row.checkpoint["sha256"] for row in connection.execute(checkpoints) if row.id not in skipped)
    bundles = select(JOBS.c.id, JOBS.c.bundle).where(JOBS.c.bundle.is_not(None))
    found.update(row.bundle for row in connection.execute(bundles) if row.id not in skipped)
    return frozenset(found)


def is_referred_to(connection: Connection, sha256: str) -> bool:
    """Tell whether any artifact, upload, checkpoint or bundle is this blob; the database looks, and sends no more."""
    return bool(connection.scalar(select(or_(*(look.exists() for look in _looks_for(sha256))))))


@dataclass(frozen=True)
class BlobUse:
    """One reason why a blob is kept.

    Args:
        kind: "artifact", "checkpoint", "bundle", or the kind of an upload.
        id: of the job, or of the upload.
        name: of the artifact; empty for all else.
    """

    kind: str
    id: str
    name: str = ""


def uses_of(connection: Connection, sha256: str) -> tuple[BlobUse, ...]:
    """Everything that refers to a blob."""
    rows = (row for look in _looks_for(sha256) for row in connection.execute(look))
    return tuple(sorted((BlobUse(*row) for row in rows), key=lambda use: (use.kind, use.id, use.name)))


def _looks_for(sha256: str) -> tuple[Select[str, str, str], ...]:
    """Statements that find the uses of a blob: `kind`, `id`, and `name` of an artifact."""

    def unfinished(kind: str) -> Select[str, str, str]:
        return select(literal(kind).label("kind"), JOBS.c.id, literal("").label("name")).where(_UNFINISHED)

    artifacts = select(literal("artifact").label("kind"), ARTIFACTS.c.job_id.label("id"), ARTIFACTS.c.name)
    uploads = select(UPLOADS.c.kind, UPLOADS.c.id, literal("").label("name"))
    return (
        artifacts.where(ARTIFACTS.c.sha256 == sha256),
        uploads.where(UPLOADS.c.sha256 == sha256),
        unfinished("checkpoint").where(JOBS.c.checkpoint["sha256"].as_string() == sha256),
        unfinished("bundle").where(JOBS.c.bundle == sha256),
    )
