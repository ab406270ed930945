"""Times at which a queued job is published again: a broker can lose a message, and nobody can ask it for one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from worker.contract.database.database import now
from worker.contract.database.tables import JOBS
from worker.contract.jobs.job_size import JobSize
from worker.contract.states import JobState

FIRST_WAIT = timedelta(seconds=5)
"""Time after which a job that is still queued is the reconciler's: its creator publishes it at once."""

LONGEST_WAIT = timedelta(minutes=1)
"""A job can rightly be queued for hours behind others: it is published less and less often."""


def due(connection: Connection, moment: datetime, size: JobSize | None, limit: int) -> tuple[str, ...]:
    """The ids of queued jobs (of one size, if one is given) that are due at `moment`, the longest due first."""
    statement = (
        select(JOBS.c.id)
        .where(JOBS.c.state == JobState.QUEUED, JOBS.c.publish_after <= moment)
        .order_by(JOBS.c.publish_after, JOBS.c.id)
        .limit(limit)
    )
    if size is not None:
        statement = statement.where(JOBS.c.size == size)
    return tuple(connection.scalars(statement))


def take(connection: Connection, job_id: str, moment: datetime) -> bool:
    """Make the publication of a due job the caller's alone and put the next one off; whether it was still to be had."""
    mine = (JOBS.c.id == job_id, JOBS.c.state == JobState.QUEUED, JOBS.c.publish_after <= moment)
    publishes = connection.scalar(select(JOBS.c.publishes).where(*mine))
    if publishes is None:
        return False
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(publishes, 10))
    values = {"publishes": publishes + 1, "publish_after": now(connection) + wait}
    return connection.execute(update(JOBS).where(*mine).values(values)).rowcount == 1


def give_back(connection: Connection, job_id: str) -> None:
    """The publication did not work: the job is due at once again."""
    values = {"publishes": 0, "publish_after": now(connection)}
    connection.execute(update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state == JobState.QUEUED).values(values))
