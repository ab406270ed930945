"""Events of jobs, as rows that are only added: written in the transaction that made it so.

Every row is inserted after the UPDATE of its job's row, inside the same transaction. Whoever changes a job holds its
row until the commit, so the ids of one job's events are committed in their order, and a reader that remembers the last
id it saw misses nothing. Between jobs there is no such order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from worker.contract.database.database import now
from worker.contract.database.tables import EVENTS, JOBS
from worker.contract.states import FINAL, JobState

MOST_PROGRESS = 500
"""Events `progress` that are kept of one job, the newest: a training of a day would leave a hundred thousand."""

PAGE = 1000
"""Events that are read at once."""


class EventKind(StrEnum):
    """Kinds of events."""

    QUEUED = "queued"
    STARTED = "started"
    PROGRESS = "progress"
    REQUEUED = "requeued"
    CANCEL_REQUESTED = "cancel_requested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


KIND_OF_MOVE: Mapping[JobState, EventKind] = MappingProxyType(
    {
        JobState.QUEUED: EventKind.REQUEUED,
        JobState.RUNNING: EventKind.STARTED,
        JobState.SUCCEEDED: EventKind.SUCCEEDED,
        JobState.FAILED: EventKind.FAILED,
        JobState.CANCELLED: EventKind.CANCELLED,
    }
)
"""Event of a job that has moved into a state."""

FINAL_KINDS = frozenset(KIND_OF_MOVE[state] for state in FINAL)
"""The kinds after which nothing comes."""


@dataclass(frozen=True)
class Event:
    """One thing that happened to a job.

    Args:
        id: ascends in the events of one job.
        job_id: the job.
        at: when (UTC).
        kind: what happened.
        data: what belongs to it: `attempt` always; `error` of a failed job; the fields of `hwcore.progress.Progress`.
    """

    id: int
    job_id: str
    at: datetime
    kind: EventKind
    data: Mapping[str, Any]

    @property
    def final(self) -> bool:
        """Tell whether it is the job's last."""
        return self.kind in FINAL_KINDS


def add_event(connection: Connection, job_id: str, kind: EventKind, **data: Any) -> None:
    """Note what has just been changed in the job's row by this transaction.

    Args:
        connection: a writing transaction that has changed the row, and so holds it.
        job_id: the job.
        kind: what happened.
        data: further members, beside the attempt.
    """
    attempt = connection.scalar(select(JOBS.c.attempt).where(JOBS.c.id == job_id))
    connection.execute(
        insert(EVENTS).values(job_id=job_id, at=now(connection), kind=kind, data={"attempt": attempt, **data})
    )
    if kind is EventKind.PROGRESS:
        _forget_old_progress(connection, job_id)


def events_after(connection: Connection, job_id: str, after: int, most: int = PAGE) -> tuple[Event, ...]:
    """Read the events of a job with an id above `after`, in order, at most so many."""
    statement = select(EVENTS).where(EVENTS.c.job_id == job_id, EVENTS.c.id > after).order_by(EVENTS.c.id).limit(most)
    rows = connection.execute(statement)
    return tuple(Event(row.id, row.job_id, row.at, EventKind(row.kind), row.data) for row in rows)


def newest_events(connection: Connection, job_ids: Collection[str]) -> dict[str, int]:
    """The id of the newest event of each of these jobs, if it has one."""
    found: dict[str, int] = {}
    names = sorted(job_ids)
    for start in range(0, len(names), 500):
        statement = (
            select(EVENTS.c.job_id, func.max(EVENTS.c.id))
            .where(EVENTS.c.job_id.in_(names[start : start + 500]))
            .group_by(EVENTS.c.job_id)
        )
        found.update((job_id, newest) for job_id, newest in connection.execute(statement))
    return found


def _forget_old_progress(connection: Connection, job_id: str) -> None:
    """Keep the newest `MOST_PROGRESS` of a job."""
    told = (EVENTS.c.job_id == job_id, EVENTS.c.kind == EventKind.PROGRESS)
    oldest_kept = (
        select(EVENTS.c.id).where(*told).order_by(EVENTS.c.id.desc()).offset(MOST_PROGRESS - 1).limit(1)
    ).scalar_subquery()
    connection.execute(delete(EVENTS).where(*told, EVENTS.c.id < oldest_kept))
