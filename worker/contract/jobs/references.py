"""Which blobs somebody refers to, and how many bytes they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Select, func, literal, or_, select, union

from worker.contract.database.tables import ARTIFACTS, DATASETS, JOBS
from worker.contract.errors import QuotaExceeded
from worker.contract.jobs.states import JobState

# A finished job has neither checkpoint nor bundle, and those that have not finished are few and found by an index.
_UNFINISHED = JOBS.c.state.in_((JobState.QUEUED, JobState.RUNNING))


def referenced_blobs(connection: Connection, without: Collection[str] = ()) -> frozenset[str]:
    """The SHA-256 of every artifact, dataset, checkpoint and bundle, but for those of the jobs `without`."""
    skipped = frozenset(without)
    found = set(connection.scalars(select(DATASETS.c.sha256)))
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
    """Whether any artifact, dataset, checkpoint or bundle is this blob; the database looks, and sends no more."""
    return bool(connection.scalar(select(or_(*(look.exists() for look in _looks_for(sha256).values())))))


Kind = Literal["artifact", "dataset", "checkpoint", "bundle"]


@dataclass(frozen=True)
class BlobUse:
    """One reason why a blob is kept.

    Args:
        kind: what it is.
        id: of the job, or of the dataset.
        name: of the artifact; empty for all else.
    """

    kind: Kind
    id: str
    name: str = ""


def uses_of(connection: Connection, sha256: str) -> tuple[BlobUse, ...]:
    """Everything that refers to a blob."""
    found = [
        BlobUse(kind, row.id, row.name) for kind, look in _looks_for(sha256).items() for row in connection.execute(look)
    ]
    return tuple(sorted(found, key=lambda use: (use.kind, use.id, use.name)))


def _looks_for(sha256: str) -> dict[Kind, Select[str, str]]:
    """Where each kind of use is found: `id`, and `name` of an artifact."""
    nameless = literal("").label("name")
    jobs = select(JOBS.c.id, nameless).where(_UNFINISHED)
    return {
        "artifact": select(ARTIFACTS.c.job_id.label("id"), ARTIFACTS.c.name).where(ARTIFACTS.c.sha256 == sha256),
        "dataset": select(DATASETS.c.id, nameless).where(DATASETS.c.sha256 == sha256),
        "checkpoint": jobs.where(JOBS.c.checkpoint["sha256"].as_string() == sha256),
        "bundle": jobs.where(JOBS.c.bundle == sha256),
    }


def stored_bytes(connection: Connection) -> int:
    """Bytes of all artifacts and datasets; the same bytes under two names count once, as they lie in the store once."""
    blobs = union(select(ARTIFACTS.c.sha256, ARTIFACTS.c.size), select(DATASETS.c.sha256, DATASETS.c.size)).subquery()
    return int(connection.scalar(select(func.coalesce(func.sum(blobs.c.size), 0))) or 0)


def check_stored_bytes(connection: Connection, most: int | None, coming: int = 0) -> None:
    """Make sure that one more job may leave artifacts, or that a dataset may come.

    Args:
        connection: to the database.
        most: bytes from which on none may, None for no limit.
        coming: bytes of the dataset; nobody knows how many a job will leave.

    Raises:
        QuotaExceeded: so many bytes are stored already, or would be with those that come.
    """
    if most is None:
        return
    stored = stored_bytes(connection)
    if stored < most < stored + coming:
        raise QuotaExceeded(
            f"{stored:,} bytes of artifacts and datasets are stored, got {coming:,} more; allowed: at most {most:,} "
            "together (MHO_MAX_STORED_BYTES); remove jobs and datasets that are not needed any more"
        )
    if stored >= most:
        raise QuotaExceeded(
            f"{stored:,} bytes of artifacts and datasets are stored; allowed: less than {most:,} "
            "(MHO_MAX_STORED_BYTES); remove jobs that are not needed any more"
        )
