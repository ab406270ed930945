"""Bytes that are stored, and the one quota for artifacts and uploads of every kind."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, union

from worker.contract.database.tables import ARTIFACTS, UPLOADS
from worker.contract.errors import QuotaExceeded


def stored_bytes(connection: Connection) -> int:
    """Bytes of all artifacts and uploads; the same bytes under two names count once, as they lie in the store once."""
    blobs = union(select(ARTIFACTS.c.sha256, ARTIFACTS.c.size), select(UPLOADS.c.sha256, UPLOADS.c.size)).subquery()
    return int(connection.scalar(select(func.coalesce(func.sum(blobs.c.size), 0))) or 0)


def check_stored_bytes(connection: Connection, most: int | None, coming: int = 0) -> None:
    """Make sure that one more job may leave artifacts, or that an upload may come.

    Args:
        connection: to the database.
        most: bytes from which on none may, None for no limit.
        coming: bytes of the upload; nobody knows how many a job will leave.

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
