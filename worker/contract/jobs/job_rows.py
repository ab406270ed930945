"""Rows of the job table read back as jobs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from worker.contract.access.caller import EVERYBODY, Caller
from worker.contract.database.tables import JOBS
from worker.contract.errors import JobNotFound
from worker.contract.jobs.job import Job
from worker.contract.states import JobState


def job_of(row: Row[Any]) -> Job:
    """The job that a full row of the table describes."""
    return Job(
        id=row.id,
        owner=row.owner,
        name=row.name,
        labels=row.labels,
        kind=row.kind,
        state=JobState(row.state),
        document=row.document,
        stage=row.stage,
        epoch=row.epoch,
        epochs=row.epochs,
        fraction=row.fraction,
        message=row.message,
        seconds_left=row.seconds_left,
        checkpoint=row.checkpoint,
        attempt=row.attempt,
        attempts_without_progress=row.attempts_without_progress,
        cancel_requested=row.cancel_requested,
        error=row.error,
        result=row.result,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def seen(caller: Caller) -> tuple[ColumnElement[bool], ...]:
    """The conditions that leave only those jobs that the caller may see."""
    return () if caller.sees_all else (JOBS.c.owner == caller.owner,)


def is_seen(connection: Connection, job_id: str, caller: Caller) -> bool:
    """Tell whether there is such a job and the caller may see it; True for a caller who sees all."""
    return (
        caller.sees_all
        or connection.execute(select(JOBS.c.id).where(JOBS.c.id == job_id, *seen(caller))).first() is not None
    )


def fetch(connection: Connection, job_id: str, caller: Caller = EVERYBODY, *, lock: bool = False) -> Job:
    """One job that the caller may see; another's is not there.

    Args:
        connection: a transaction.
        job_id: the job.
        caller: who asks.
        lock: nobody else may change the row until the transaction ends (on SQLite a writing one sees to that anyway).

    Raises:
        JobNotFound: there is none.
    """
    statement = select(JOBS).where(JOBS.c.id == job_id, *seen(caller))
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise JobNotFound(
            f"got the job id {job_id[:80]!r}; allowed: the id of a job that exists, as `mho list` shows them"
        )
    return job_of(row)
