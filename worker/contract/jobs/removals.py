"""Finished jobs go, by hand or by age; what hangs on them (manifest, events, keys) goes with them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from worker.contract.access.caller import Caller
from worker.contract.database.database import now
from worker.contract.database.tables import JOBS
from worker.contract.errors import JobNotFinished
from worker.contract.jobs.job_rows import fetch
from worker.contract.states import FINAL


def remove(connection: Connection, job_id: str, caller: Caller) -> None:
    """Remove a job that has reached a final state.

    Raises:
        JobNotFound: there is none.
        JobNotFinished: it is queued or running.
    """
    job = fetch(connection, job_id, caller)
    statement = delete(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(FINAL))
    if connection.execute(statement).rowcount == 0:
        raise JobNotFinished(
            f"job {job_id} is {job.state}; allowed: to remove a job that has finished; cancel it first"
        )


def finished_before(connection: Connection, age: timedelta) -> tuple[tuple[str, datetime], ...]:
    """Jobs that have been in a final state for longer than `age`, oldest first: (id, when it finished)."""
    statement = (
        select(JOBS.c.id, JOBS.c.finished_at)
        .where(JOBS.c.state.in_(FINAL), JOBS.c.finished_at < now(connection) - age)
        .order_by(JOBS.c.finished_at, JOBS.c.id)
    )
    return tuple((row.id, row.finished_at) for row in connection.execute(statement))
