"""Which blobs somebody refers to, and how many bytes they are."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, union

from worker.contract.tables import ARTIFACTS, DATASETS, JOBS


def referenced_blobs(connection: Connection) -> frozenset[str]:
    """The SHA-256 of every artifact, every dataset and every checkpoint."""
    named = connection.scalars(union(select(ARTIFACTS.c.sha256), select(DATASETS.c.sha256)))
    checkpoints = connection.scalars(select(JOBS.c.checkpoint).where(JOBS.c.checkpoint.is_not(None)))
    return frozenset(named) | {checkpoint["sha256"] for checkpoint in checkpoints}


def stored_bytes(connection: Connection) -> int:
    """Bytes of all artifacts and datasets; the same bytes under two names count once, as they lie in the store once."""
    blobs = union(select(ARTIFACTS.c.sha256, ARTIFACTS.c.size), select(DATASETS.c.sha256, DATASETS.c.size)).subquery()
    return int(connection.scalar(select(func.coalesce(func.sum(blobs.c.size), 0))) or 0)
