"""Jobs for a worker: every change is fenced by the attempt that asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from hwcore.progress import Progress
from worker.contract.jobs import attempts, chip_results
from worker.contract.jobs.job import Artifact, Job
from worker.contract.jobs.job_rows import fetch
from worker.contract.jobs.job_size import JobSize
from worker.contract.jobs.job_table import JobTable
from worker.contract.states import JobState


class WorkerJobs(JobTable):
    """The job table for a worker: its own attempts, and those of others that it helps."""

    def claim(self, job_id: str, worker: str, lease_seconds: float) -> Job | None:
        """Start the next attempt of a queued job.

        Returns:
            The running job with its new `attempt`, or None where the job is not queued: another worker has it, it was
            cancelled, or there is none. Then the message is to be dropped.
        """
        with self._database.write() as connection:
            claimed = attempts.claim(connection, job_id, worker, lease_seconds)
            return fetch(connection, job_id) if claimed else None

    def heartbeat(
        self, job_id: str, attempt: int, lease_seconds: float, progress: Progress | None = None
    ) -> bool | None:
        """Renew the lease of an attempt and note how far it is.

        Returns:
            Whether the job is to be cancelled; None where the attempt is no longer the job's own: stop it.
        """
        with self._database.write() as connection:
            return attempts.heartbeat(connection, job_id, attempt, lease_seconds, progress)

    def keep_checkpoint(self, job_id: str, attempt: int, checkpoint: Mapping[str, Any]) -> bool:
        """Let the next attempt go on from a checkpoint, which is a blob that is already kept.

        Args:
            job_id: the job.
            attempt: that took it.
            checkpoint: `{"sha256", "size", "stage", "epoch", "reached"}`; `reached`, a list of whole numbers, is
                compared with that of the job's other checkpoints.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.keep_checkpoint(connection, job_id, attempt, checkpoint)

    def keep_bundle(self, job_id: str, attempt: int, sha256: str) -> bool:
        """Name the blob that other workers need to help an attempt; it is kept while the attempt runs.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return chip_results.keep_bundle(connection, job_id, attempt, sha256)

    def chip_results(self, job_id: str, bundle: str, known: int = 0) -> Mapping[str, Sequence[int]]:
        """Results of other workers for a job that has not ended, by task.

        Args:
            job_id: the job.
            bundle: SHA-256 of the one that its attempt has offered.
            known: how many results the caller has already; empty where there are no more.
        """
        with self._database.read() as connection:
            return chip_results.results_of(connection, job_id, bundle, known)

    def keep_judged_chips(self, job_id: str, attempt: int, bundle: str, results: Mapping[str, Sequence[int]]) -> bool:
        """Keep what an attempt has found of its chips: whoever goes on with the same bundle need not judge them again.

        Args:
            job_id: the job.
            attempt: that judged them.
            bundle: SHA-256 of what was written to the chips.
            results: by task; a task's first result stays.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.keep_chips(connection, job_id, attempt, bundle, results)

    def judged_chips(self, job_id: str) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """Results of all chips of a job, of its attempts and their helpers, by bundle and task."""
        with self._database.read() as connection:
            return chip_results.judged_chips(connection, job_id)

    def finish(
        self,
        job_id: str,
        attempt: int,
        state: JobState,
        *,
        error: Mapping[str, Any] | None = None,
        result: Mapping[str, Any] | None = None,
        artifacts: Iterable[Artifact] = (),
    ) -> bool:
        """End a job: its state, error or result, and manifest, all at once or not at all.

        Returns:
            Whether it was done; False where the attempt is no longer the job's own.

        Raises:
            ValueError: the state is not final.
        """
        with self._database.write() as connection:
            return attempts.finish(connection, job_id, attempt, state, error, result, artifacts)

    def hand_back(self, job_id: str, attempt: int) -> JobState | None:
        """Return a running job to the queue, because its worker is shutting down: the attempt does not count as lost.

        Returns:
            The job's new state; None where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.hand_back(connection, job_id, attempt)

    def retry_or_fail(self, job_id: str, attempt: int, max_attempts: int, error: Mapping[str, Any]) -> JobState | None:
        """Take a job from an attempt that died: it is queued again, or fails with `error`.

        It fails where so many attempts have died one after the other and none of them kept anything new: a checkpoint
        that is further than any before, or a chip that nobody had judged.

        Returns:
            The job's new state; None where the attempt is no longer the job's own.
        """
        with self._database.write() as connection:
            return attempts.count_lost(connection, job_id, attempt, max_attempts, error)

    def help_wanted(self, job_id: str, attempt: int, bundle: str | None, before: Collection[JobSize] = ()) -> bool:
        """Tell whether an attempt is still to be helped.

        Args:
            job_id: the job.
            attempt: its attempt.
            bundle: SHA-256 of the one that the helper was told of: another one's is not to be helped; None: asked
                before anything is offered.
            before: sizes of jobs that the helper takes: where one of them waits, it goes before.
        """
        with self._database.read() as connection:
            return chip_results.help_wanted(connection, job_id, attempt, bundle, before)

    def keep_chip_results(self, job_id: str, attempt: int, bundle: str, results: Mapping[str, Sequence[int]]) -> bool:
        """Note what was found of some tasks of a running attempt with its bundle; a task's first result stays.

        Returns:
            Whether it was noted; False where the attempt is no longer the job's own, or has another bundle.
        """
        with self._database.write() as connection:
            return chip_results.keep_results(connection, job_id, attempt, bundle, results)
