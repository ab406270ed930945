"""Creates a job: its row, the uploads that it uses, and its first event, all in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert

from worker.contract.access.caller import Caller
from worker.contract.database.database import now
from worker.contract.database.tables import JOBS
from worker.contract.ids import new_id
from worker.contract.jobs import attempts, publications
from worker.contract.jobs.events import EventKind, add_event
from worker.contract.jobs.job import Job
from worker.contract.jobs.job_rows import fetch
from worker.contract.jobs.job_size import JobSize
from worker.contract.jobs.queue_quota import check_quota
from worker.contract.states import JobState
from worker.contract.uploads.job_references import add_references, hold_uploads
from worker.contract.uploads.stored_bytes import check_stored_bytes
from worker.contract.uploads.upload_reference import UploadReference


@dataclass(frozen=True)
class NewJob:
    """A job as it is posted.

    Args:
        document: as it was posted and checked, JSON-ready.
        name: at most 200 characters.
        labels: text by text.
        size: which queue its id is published to.
        kind: of the document.
        uploads: those that the document names.
    """

    document: Mapping[str, Any]
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    size: JobSize = JobSize.SMALL
    kind: str = "compile"
    uploads: Collection[UploadReference] = ()


@dataclass(frozen=True)
class Quotas:
    """Limits on what may be created, each None where there is none.

    Args:
        queued_jobs: how many jobs may wait.
        queued_jobs_per_token: how many of them may be posted with one token.
        stored_bytes: bytes of artifacts and uploads from which on no job is accepted.
    """

    queued_jobs: int | None = None
    queued_jobs_per_token: int | None = None
    stored_bytes: int | None = None


def create(connection: Connection, job: NewJob, caller: Caller, quotas: Quotas) -> Job:
    """Queue a job.

    Args:
        connection: a writing transaction.
        job: as it is posted.
        caller: who posts it.
        quotas: it is within them, or refused.

    Raises:
        QuotaExceeded: too many jobs wait, or too many bytes are stored.
        UploadNotFound: an upload that it uses has been removed.
    """
    check_quota(connection, caller.owner, quotas.queued_jobs, quotas.queued_jobs_per_token)
    check_stored_bytes(connection, quotas.stored_bytes)
    hold_uploads(connection, job.uploads, caller)
    job_id = new_id()
    moment = now(connection)
    connection.execute(
        insert(JOBS).values(
            id=job_id,
            owner=caller.owner,
            name=job.name,
            labels=dict(job.labels),
            kind=job.kind,
            state=JobState.QUEUED,
            size=job.size,
            document=dict(job.document),
            attempt=0,
            attempts_without_progress=0,
            cancel_requested=False,
            publish_after=moment + publications.FIRST_WAIT,
            publishes=0,
            created_at=moment,
            **attempts.AT_THE_START,
        )
    )
    add_references(connection, job_id, job.uploads)
    add_event(connection, job_id, EventKind.QUEUED)
    return fetch(connection, job_id, caller)
