"""Jobs kept in order: lost leases and messages, old jobs and keys, and the blobs that somebody needs.

Any number of processes may do any of it at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from worker.contract.database.database import now
from worker.contract.database.tables import JOBS
from worker.contract.jobs import attempts, publications, removals
from worker.contract.jobs.blob_references import BlobUse, is_referred_to, referenced_blobs, uses_of
from worker.contract.jobs.failure_reasons import WORKER_LOST
from worker.contract.jobs.idempotency import forget_old_keys
from worker.contract.jobs.job_size import JobSize
from worker.contract.jobs.job_table import JobTable
from worker.contract.jobs.queue_quota import queued_count
from worker.contract.states import JobState
from worker.contract.uploads.stored_bytes import stored_bytes


class UpkeepJobs(JobTable):
    """The job table for a reconciler and for the collection of garbage."""

    def recover_dead_leases(self, max_attempts: int) -> tuple[str, ...]:
        """Take running jobs from workers that let their lease run out.

        Returns:
            The jobs that were queued again, failed (reason `WORKER_LOST`) or cancelled.
        """
        with self._database.read() as connection:
            dead = (JOBS.c.state == JobState.RUNNING, JOBS.c.lease_until < now(connection))
            rows = connection.execute(select(JOBS.c.id, JOBS.c.attempt, JOBS.c.worker).where(*dead)).all()
        recovered = []
        for row in rows:
            detail = (
                f"the worker {row.worker} fell silent during attempt {row.attempt}, and {max_attempts} in a row may "
                "end with nothing new kept (MHO_MAX_ATTEMPTS); see the worker's log and the machine's memory, then "
                "post the job again"
            )
            error = {"reason": WORKER_LOST, "detail": detail}
            with self._database.write() as connection:
                if attempts.count_lost(connection, row.id, row.attempt, max_attempts, error, dead=True):
                    recovered.append(row.id)
        return tuple(recovered)

    def forget_old_keys(self) -> int:
        """Remove the idempotency keys that are no longer remembered; how many."""
        with self._database.write() as connection:
            return forget_old_keys(connection)

    def queued_count(self, size: JobSize | None = None) -> int:
        """Count the jobs that wait, of all sizes or of one."""
        with self._database.read() as connection:
            return queued_count(connection, *(() if size is None else (JOBS.c.size == size,)))

    def queued_before(self, moment: datetime, size: JobSize | None = None, limit: int = 100) -> tuple[str, ...]:
        """Queued jobs, of all sizes or of one, that are due to be published at `moment`, the longest due first."""
        with self._database.read() as connection:
            return publications.due(connection, moment, size, limit)

    def take_publication(self, job_id: str, moment: datetime) -> bool:
        """Make the publication of a due job the caller's alone, and put the next one off: 5 s, 10 s, ... 1 min.

        Returns:
            False where another reconciler was first or the job is no longer queued.
        """
        with self._database.write() as connection:
            return publications.take(connection, job_id, moment)

    def return_publication(self, job_id: str) -> None:
        """The publication did not work: the job is due at once again."""
        with self._database.write() as connection:
            publications.give_back(connection, job_id)

    def finished_before(self, age: timedelta) -> tuple[tuple[str, datetime], ...]:
        """Jobs that have been finished for longer than `age`, oldest first: (id, when it finished)."""
        with self._database.read() as connection:
            return removals.finished_before(connection, age)

    def refers_to(self, sha256: str) -> bool:
        """Tell whether any artifact, upload, checkpoint or bundle is this blob."""
        with self._database.read() as connection:
            return is_referred_to(connection, sha256)

    def uses_of(self, sha256: str) -> tuple[BlobUse, ...]:
        """Every artifact, upload, checkpoint and bundle that is this blob."""
        with self._database.read() as connection:
            return uses_of(connection, sha256)

    def referenced_blobs(self, without: Collection[str] = ()) -> frozenset[str]:
        """The SHA-256 of every blob that an artifact, an upload, a checkpoint or a bundle is kept in.

        Args:
            without: ids of jobs that do not count.
        """
        with self._database.read() as connection:
            return referenced_blobs(connection, without)

    def stored_bytes(self) -> int:
        """Bytes of all artifacts and uploads, the same bytes counted once."""
        with self._database.read() as connection:
            return stored_bytes(connection)

    def wanted_attempts(self, job_ids: Collection[str]) -> frozenset[tuple[str, int]]:
        """Every (id, attempt) that runs, of the named jobs: only these may have anything staged."""
        statement = select(JOBS.c.id, JOBS.c.attempt).where(
            JOBS.c.state == JobState.RUNNING, JOBS.c.id.in_(bindparam("ids", expanding=True))
        )
        wanted: set[tuple[str, int]] = set()
        names = sorted(job_ids)
        with self._database.read() as connection:
            for start in range(0, len(names), 500):
                rows = connection.execute(statement, {"ids": names[start : start + 500]})
                wanted.update((row.id, row.attempt) for row in rows)
        return frozenset(wanted)
