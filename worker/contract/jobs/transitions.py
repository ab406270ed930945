"""The one place where a job changes its state: a guarded UPDATE that only the table of transitions allows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from worker.contract.database.database import now
from worker.contract.database.tables import JOBS
from worker.contract.jobs.chip_results import forget_results
from worker.contract.jobs.events import KIND_OF_MOVE, add_event
from worker.contract.states import FINAL, JobState, sources


def move(connection: Connection, job_id: str, target: JobState, *guards: ColumnElement[bool], **values: Any) -> bool:
    """Put a job into the state `target`, if it is in a state that may lead there and every guard holds.

    What belongs to the state itself is set here: a job that does not run has no lease and no help, a final one has its
    time of end, a queued one may be published at once. The job's event is written with it.

    Args:
        connection: a writing transaction.
        job_id: the job.
        target: the new state.
        guards: further conditions on the row, e.g. the attempt that asks.
        values: further columns to set.

    Returns:
        Whether the job moved.
    """
    moment = now(connection)
    changes: dict[str, Any] = {"state": target}
    if target is not JobState.RUNNING:
        changes |= {"lease_until": None, "worker": None, "seconds_left": None, "bundle": None}
    if target in FINAL:
        changes |= {"finished_at": moment, "checkpoint": None}
    if target is JobState.QUEUED:
        changes |= {"publish_after": moment, "publishes": 0}
    statement = (
        update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(sources(target)), *guards).values(changes | values)
    )
    if connection.execute(statement).rowcount == 0:
        return False
    if target in FINAL:
        forget_results(connection, job_id)
    # `failed` says why at once; whoever wants the result of a job that succeeded looks at the job.
    told = {"error": dict(values["error"])} if target is JobState.FAILED and values.get("error") else {}
    add_event(connection, job_id, KIND_OF_MOVE[target], **told)
    return True
