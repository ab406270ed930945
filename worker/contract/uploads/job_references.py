"""Rows that say which uploads a job uses: written with the job, and gone with it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, insert, select

from worker.contract.access.caller import Caller
from worker.contract.database.tables import JOB_REFERENCES, JOBS
from worker.contract.states import JobState
from worker.contract.uploads.upload_reference import UploadReference
from worker.contract.uploads.upload_rows import fetch_upload


def hold_uploads(connection: Connection, references: Collection[UploadReference], caller: Caller) -> None:
    """Keep uploads from being removed until the transaction ends, with the job that uses them in its table.

    Args:
        connection: a writing transaction.
        references: the uploads.
        caller: who creates the job; an upload that the caller may not see is not there.

    Raises:
        UploadNotFound: one of them has been removed already.
    """
    # In one order everywhere, so that no two transactions wait for each other.
    for reference in sorted(set(references)):
        fetch_upload(connection, reference, caller, lock=True)


def add_references(connection: Connection, job_id: str, references: Collection[UploadReference]) -> None:
    """Note which uploads a new job uses; its row has to be there."""
    rows = [
        {"job_id": job_id, "kind": reference.kind, "upload_id": reference.id}
        # Once each, whatever the document repeats.
        for reference in dict.fromkeys(references)
    ]
    if rows:
        connection.execute(insert(JOB_REFERENCES), rows)


def unfinished_job_with(connection: Connection, reference: UploadReference) -> str | None:
    """The id of the oldest queued or running job that uses an upload, if there is one."""
    statement = (
        select(JOBS.c.id)
        .join(JOB_REFERENCES, JOB_REFERENCES.c.job_id == JOBS.c.id)
        .where(JOB_REFERENCES.c.kind == reference.kind, JOB_REFERENCES.c.upload_id == reference.id)
        .where(JOBS.c.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .order_by(JOBS.c.id)
        .limit(1)
    )
    found = connection.scalars(statement).first()
    return None if found is None else str(found)
