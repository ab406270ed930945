"""Numbers of jobs, and the time that they wait."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from worker.contract.database.database import now
from worker.contract.database.tables import JOBS
from worker.contract.states import JobState

LAST_STARTED = 100
"""Jobs that the mean wait is taken over."""


def counts_by_state(connection: Connection) -> dict[JobState, int]:
    """Count the jobs in each state; a state of none is left out."""
    rows = connection.execute(select(JOBS.c.state, func.count()).group_by(JOBS.c.state))
    return {JobState(state): count for state, count in rows}


def queue_waits(connection: Connection) -> tuple[float, float]:
    """The longest wait of the queued jobs, and the mean one of the jobs that were posted and started last, s.

    A job that was started again counts from its posting, too. Without such jobs it is 0.
    """
    oldest = select(func.min(JOBS.c.created_at)).where(JOBS.c.state == JobState.QUEUED)
    waiting_since = connection.execute(oldest).scalar_one()
    last = (
        select(JOBS.c.created_at, JOBS.c.started_at)
        .where(JOBS.c.started_at.is_not(None))
        .order_by(JOBS.c.id.desc())
        .limit(LAST_STARTED)
    )
    waits = [(row.started_at - row.created_at).total_seconds() for row in connection.execute(last)]
    longest = 0.0 if waiting_since is None else max(0.0, (now(connection) - waiting_since).total_seconds())
    return longest, sum(waits) / len(waits) if waits else 0.0
