"""Changes that an attempt may make in its job's row, each fenced: it happens only while the job is the attempt's.

`JobStore` has the transactions around these, and says what each is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, insert, select, update

from hwcore.progress import Progress
from worker.contract.database.database import now
from worker.contract.database.tables import ARTIFACTS, JOBS
from worker.contract.jobs.chip_results import add_results
from worker.contract.jobs.events import EventKind, add_event
from worker.contract.jobs.job import Artifact
from worker.contract.jobs.transitions import move
from worker.contract.states import FINAL, JobState

AT_THE_START: Mapping[str, Any] = MappingProxyType(
    {"stage": None, "epoch": None, "epochs": None, "fraction": 0.0, "message": "", "seconds_left": None}
)
"""The progress of a job that waits for its next attempt."""


def claim(connection: Connection, job_id: str, worker: str, lease_seconds: float) -> bool:
    """Queued to running, with the next attempt; whether it was done."""
    moment = now(connection)
    return move(
        connection,
        job_id,
        JobState.RUNNING,
        attempt=JOBS.c.attempt + 1,
        worker=worker[:200],
        lease_until=moment + timedelta(seconds=lease_seconds),
        started_at=moment,
    )


def heartbeat(
    connection: Connection, job_id: str, attempt: int, lease_seconds: float, progress: Progress | None
) -> bool | None:
    """Renew the lease and note the progress; whether the job is to be cancelled, None where it is no longer its own."""
    values: dict[str, Any] = {"lease_until": now(connection) + timedelta(seconds=lease_seconds)}
    told = {} if progress is None else {name: getattr(progress, name) for name in AT_THE_START}
    values |= told
    mine = (JOBS.c.id == job_id, *_held_by(attempt))
    if connection.execute(update(JOBS).where(*mine).values(values)).rowcount == 0:
        return None
    if told:
        add_event(connection, job_id, EventKind.PROGRESS, **told)
    return bool(connection.scalar(select(JOBS.c.cancel_requested).where(*mine)))


def keep_checkpoint(connection: Connection, job_id: str, attempt: int, checkpoint: Mapping[str, Any]) -> bool:
    """Name the blob that the next attempt goes on from; whether the job was still the attempt's.

    Where the job has come further than ever, that is progress. How far a checkpoint is, its training says (`reached`);
    here it is only compared. A row that an earlier version of mho left says `furthest` as place and epoch in the stages
    of a compile job, which is what trainings of compile jobs say.
    """
    mine = (JOBS.c.id == job_id, *_held_by(attempt))
    before = connection.scalar(select(JOBS.c.checkpoint).where(*mine)) or {}
    reached = list(checkpoint["reached"])
    furthest = before.get("furthest", [])
    values: dict[str, Any] = {"checkpoint": {**checkpoint, "furthest": max(reached, furthest)}}
    if reached > furthest:
        values |= progress_of(attempt)
    return connection.execute(update(JOBS).where(*mine).values(values)).rowcount == 1


def keep_chips(
    connection: Connection, job_id: str, attempt: int, bundle: str, results: Mapping[str, Sequence[int]]
) -> bool:
    """Keep what an attempt has found of chips, for those that come after it; whether the job was still the attempt's.

    A chip that nobody had judged before is progress.
    """
    mine = (JOBS.c.id == job_id, *_held_by(attempt))
    # Held until the commit: a job that ends removes what was noted before, and nothing is noted after.
    if connection.scalar(select(JOBS.c.id).where(*mine).with_for_update()) is None:
        return False
    if add_results(connection, job_id, bundle, results, helped=False):
        connection.execute(update(JOBS).where(*mine).values(progress_of(attempt)))
    return True


def finish(
    connection: Connection,
    job_id: str,
    attempt: int,
    state: JobState,
    error: Mapping[str, Any] | None,
    result: Mapping[str, Any] | None,
    artifacts: Iterable[Artifact],
) -> bool:
    """Running to a final state, with the manifest; whether it was done.

    Raises:
        ValueError: the state is not final.
    """
    if state not in FINAL:
        raise ValueError(f"got the state {state}; allowed: {', '.join(sorted(FINAL))}")
    values: dict[str, Any] = {"error": error, "result": result}
    if state is JobState.SUCCEEDED:
        values["fraction"] = 1.0
    if not move(connection, job_id, state, *_held_by(attempt), **values):
        return False
    rows = [
        {
            "job_id": job_id,
            "name": artifact.name,
            "size": artifact.size,
            "sha256": artifact.sha256,
            "media_type": artifact.media_type,
        }
        for artifact in artifacts
    ]
    if rows:
        connection.execute(insert(ARTIFACTS), rows)
    return True


def hand_back(connection: Connection, job_id: str, attempt: int) -> JobState | None:
    """Running to queued, or to cancelled where that was asked for; the new state, None where nothing was done."""
    mine = _held_by(attempt)
    if move(connection, job_id, JobState.CANCELLED, *mine, JOBS.c.cancel_requested):
        return JobState.CANCELLED
    if move(connection, job_id, JobState.QUEUED, *mine, **AT_THE_START):
        return JobState.QUEUED
    return None


def count_lost(
    connection: Connection,
    job_id: str,
    attempt: int,
    max_attempts: int,
    error: Mapping[str, Any],
    *,
    dead: bool = False,
) -> JobState | None:
    """Do as `hand_back`, but count an attempt that kept nothing new; the last such one fails the job with `error`.

    Args:
        max_attempts: attempts without progress, one after the other, from which on the job fails.
        dead: only where the lease has run out.
    """
    mine = _held_by(attempt)
    if dead:
        mine = (*mine, JOBS.c.lease_until < now(connection))
    lost = JOBS.c.attempts_without_progress + case((JOBS.c.progress_attempt == attempt, 0), else_=1)
    counted = {"attempts_without_progress": lost}
    if move(connection, job_id, JobState.CANCELLED, *mine, JOBS.c.cancel_requested, **counted):
        return JobState.CANCELLED
    if move(connection, job_id, JobState.FAILED, *mine, lost >= max_attempts, error=error, **counted):
        return JobState.FAILED
    if move(connection, job_id, JobState.QUEUED, *mine, **counted, **AT_THE_START):
        return JobState.QUEUED
    return None


def progress_of(attempt: int) -> dict[str, Any]:
    """Columns of an attempt that has kept something new: the ones that were lost before count no more."""
    return {"attempts_without_progress": 0, "progress_attempt": attempt}


def _held_by(attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (JOBS.c.attempt == attempt, JOBS.c.state == JobState.RUNNING)
