"""Limits on jobs that wait: of one token, and at all."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select

from worker.contract.database.database import one_at_a_time
from worker.contract.database.tables import JOBS
from worker.contract.errors import QuotaExceeded
from worker.contract.states import JobState

# Any number will do, as long as every process of mho uses the same one.
_QUEUE_LOCK = 0x6D686F0001


def check_quota(connection: Connection, owner: str, most: int | None, most_per_token: int | None) -> None:
    """Make sure that one more job may wait.

    Args:
        connection: to the database, in the transaction that is to create the job.
        owner: id of the token; empty where there is none, and then only `most` counts.
        most: how many jobs may wait, None for no limit.
        most_per_token: how many of one token's, None for no limit.

    Raises:
        QuotaExceeded: no further job may wait.
    """
    if most is not None or most_per_token is not None:
        # Counted and added to by one at a time, or several servers would each add the last one.
        one_at_a_time(connection, _QUEUE_LOCK)
    if owner and most_per_token is not None:
        waiting = queued_count(connection, JOBS.c.owner == owner)
        if waiting >= most_per_token:
            raise _exceeded(f"{waiting} jobs of this token wait", most_per_token, "MHO_MAX_QUEUED_JOBS_PER_TOKEN")
    if most is not None:
        waiting = queued_count(connection)
        if waiting >= most:
            raise _exceeded(f"{waiting} jobs wait", most, "MHO_MAX_QUEUED_JOBS")


def queued_count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    """Count the waiting jobs that the conditions leave."""
    statement = select(func.count()).select_from(JOBS).where(JOBS.c.state == JobState.QUEUED, *conditions)
    return connection.execute(statement).scalar_one()


def _exceeded(found: str, most: int, setting: str) -> QuotaExceeded:
    return QuotaExceeded(f"{found}; allowed: at most {most} ({setting}); wait for some to finish, or cancel some")
