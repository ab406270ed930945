"""Jobs for a server: created, looked at, listed, cancelled and removed on behalf of a caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from worker.contract.database.tables import ARTIFACTS, JOBS
from worker.contract.errors import JobAlreadyFinished
from worker.contract.jobs import creation, removals
from worker.contract.jobs.creation import NewJob
from worker.contract.jobs.events import Event, EventKind, add_event, events_after, newest_events
from worker.contract.jobs.idempotency import IdempotencyKey, job_of_key, remember_key
from worker.contract.jobs.job import Artifact, Job, JobPage
from worker.contract.jobs.job_filter import JobFilter
from worker.contract.jobs.job_rows import fetch, is_seen, job_of, seen
from worker.contract.jobs.job_size import JobSize
from worker.contract.jobs.job_table import JobTable
from worker.contract.jobs.queue_figures import counts_by_state, queue_waits
from worker.contract.jobs.transitions import move
from worker.contract.paging import check_page
from worker.contract.states import JobState
from worker.contract.uploads.upload_reference import UploadReference

EVERY_JOB = JobFilter()
"""The filter that lets all through."""


class ServerJobs(JobTable):
    """The job table for a server."""

    def create(
        self,
        document: Mapping[str, Any],
        name: str = "",
        labels: Mapping[str, str] | None = None,
        size: JobSize = JobSize.SMALL,
        kind: str = "compile",
        uploads: Collection[UploadReference] = (),
    ) -> Job:
        """Accept a job: it is queued, and safe once this returns. Publish its id afterwards.

        Args:
            document: the document as it was posted and checked, JSON-ready.
            name: at most 200 characters.
            labels: text by text.
            size: which queue its id is published to.
            kind: of the document.
            uploads: those that the document names; none of them goes before the job has finished.

        Raises:
            QuotaExceeded: too many jobs wait, or too many bytes are stored.
            UploadNotFound: an upload that it uses has been removed.
        """
        with self._database.write() as connection:
            return creation.create(
                connection, NewJob(document, name, labels or {}, size, kind, uploads), self._caller, self._quotas
            )

    def create_once(
        self,
        key: IdempotencyKey,
        document: Mapping[str, Any],
        name: str = "",
        labels: Mapping[str, str] | None = None,
        size: JobSize = JobSize.SMALL,
        kind: str = "compile",
        uploads: Collection[UploadReference] = (),
    ) -> tuple[Job, bool]:
        """Do as `create`, but only where the caller has not made a job with this key in the last day.

        Args:
            key: the client's, and the digest of what came with it.
            document, name, labels, size, kind, uploads: as for `create`.

        Returns:
            The job as it is now, and whether it was made just now.

        Raises:
            QuotaExceeded: too many jobs wait.
            IdempotencyKeyReused: the key stands for another body.
        """
        job = NewJob(document, name, labels or {}, size, kind, uploads)
        try:
            return self._create_once(key, job)
        except IntegrityError:
            # Another request with this key was first (on PostgreSQL, where two may write at once): its job is there.
            return self._create_once(key, job)

    def made_with(self, key: IdempotencyKey) -> Job | None:
        """The job that the caller made with this key in the last day, as it is now; None where there is none.

        It only reads: between two requests with one key it is `create_once` that decides.

        Raises:
            IdempotencyKeyReused: the key stands for another body.
        """
        with self._database.read() as connection:
            known = job_of_key(connection, self._caller.owner, key)
            return None if known is None else fetch(connection, known, self._caller)

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            JobNotFound: no job has this id.
        """
        with self._database.read() as connection:
            return fetch(connection, job_id, self._caller)

    def list(self, wanted: JobFilter = EVERY_JOB, limit: int = 50, cursor: str | None = None) -> JobPage:
        """Jobs, newest first.

        Args:
            wanted: only these.
            limit: at most so many, 1 to 1000.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidInput: limit or cursor is none.
        """
        check_page(limit, cursor)
        statement = select(JOBS).where(*seen(self._caller)).order_by(JOBS.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(JOBS.c.id < cursor)
        with self._database.read() as connection:
            rows = connection.execute(statement.where(*wanted.conditions(connection)))
            jobs = tuple(job_of(row) for row in rows)
        return JobPage(jobs[:limit], jobs[limit - 1].id if len(jobs) > limit else None)

    def request_cancel(self, job_id: str) -> Job:
        """End a job: a queued one at once, a running one as soon as its worker hears of it (asking twice is no error).

        Raises:
            JobNotFound: no job has this id.
            JobAlreadyFinished: it has succeeded, failed or been cancelled.
        """
        with self._database.write() as connection:
            job = fetch(connection, job_id, self._caller, lock=True)
            if not move(connection, job_id, JobState.CANCELLED, JOBS.c.state == JobState.QUEUED, cancel_requested=True):
                flagged = connection.execute(
                    update(JOBS)
                    .where(JOBS.c.id == job_id, JOBS.c.state == JobState.RUNNING, JOBS.c.cancel_requested.is_(False))
                    .values(cancel_requested=True)
                )
                if flagged.rowcount == 1:
                    add_event(connection, job_id, EventKind.CANCEL_REQUESTED)
                elif job.state is not JobState.RUNNING:
                    raise JobAlreadyFinished(
                        f"job {job_id} is {job.state}; allowed: to cancel a job that is queued or running"
                    )
            return fetch(connection, job_id, self._caller)

    def delete(self, job_id: str) -> None:
        """Remove a finished job, its manifest and its events; its files go with the next collection of garbage.

        Raises:
            JobNotFound: no job has this id.
            JobNotFinished: it is queued or running.
        """
        with self._database.write() as connection:
            removals.remove(connection, job_id, self._caller)

    def artifacts(self, job_id: str) -> tuple[Artifact, ...]:
        """The manifest of a job, by name; empty until it has succeeded.

        Raises:
            JobNotFound: no job has this id.
        """
        statement = select(ARTIFACTS).where(ARTIFACTS.c.job_id == job_id)
        with self._database.read() as connection:
            fetch(connection, job_id, self._caller)
            rows = connection.execute(statement).all()
        # Sorted here: databases differ in what comes after what.
        found = (Artifact(row.name, row.size, row.sha256, row.media_type) for row in rows)
        return tuple(sorted(found, key=lambda artifact: artifact.name))

    def events(self, job_id: str, after: int = 0) -> tuple[Event, ...]:
        """Events of a job after the event `after`, in order, at most `events.PAGE` at once; empty for no job."""
        with self._database.read() as connection:
            return events_after(connection, job_id, after) if is_seen(connection, job_id, self._caller) else ()

    def newest_events(self, job_ids: Collection[str]) -> dict[str, int]:
        """The id of the newest event of each of these jobs; a job without one, or that is gone, is left out."""
        with self._database.read() as connection:
            return newest_events(connection, job_ids)

    def counts(self) -> dict[JobState, int]:
        """Count the jobs in each state; a state of none is left out."""
        with self._database.read() as connection:
            return counts_by_state(connection)

    def queue_waits(self) -> tuple[float, float]:
        """The longest wait of the queued jobs, and the mean one of the jobs that were started last, s."""
        with self._database.read() as connection:
            return queue_waits(connection)

    def _create_once(self, key: IdempotencyKey, job: NewJob) -> tuple[Job, bool]:
        owner = self._caller.owner
        with self._database.write() as connection:
            known = job_of_key(connection, owner, key)
            if known is not None:
                return fetch(connection, known, self._caller), False
            created = creation.create(connection, job, self._caller, self._quotas)
            remember_key(connection, owner, key, created.id)
            return created, True
