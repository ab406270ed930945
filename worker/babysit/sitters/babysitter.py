"""The babysitter of a job: claims it, trains it in a process of its own, keeps its lease, and records its end.

The row is the truth: the babysitter acts on a job only while the attempt is the job's own. A babysitter that dies
leaves a lease that expires, and a reconciler then takes the job.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from enum import Enum, auto
from typing import Any

from hwcore.errors import OutputNotWritable
from worker.babysit.events import FailedNote, SucceededNote
from worker.babysit.lease import Lease
from worker.babysit.patience import patiently
from worker.babysit.process.attempt_process import AttemptProcess, ending_in_words
from worker.babysit.senders.chip_offer import Publish
from worker.babysit.sitters.attempt import Attempt
from worker.contract import ArtifactStore, BlobStoreUnavailable, JobState, JobStore, Settings
from worker.contract.jobs.failure_reasons import ATTEMPT_CRASHED, TIME_LIMIT

LOG = logging.getLogger(__name__)

ATTEMPT_COMMAND = (sys.executable, "-m", "worker.run.run_attempt")
"""The training process: a program that speaks `worker.babysit.protocol`."""

LISTEN_SECONDS = 0.1
"""Longest wait for the process before everything else is looked after again."""

SENDING_SECONDS = 30.0
"""Longest time for the last checkpoint of an attempt to reach the store."""

LOGGED_LINES = 50
"""Last lines of a failed attempt that the worker's log quotes."""

LAST_LINES = 8
"""Last lines of a crashed attempt that its error quotes."""


class Ending(Enum):
    """Reason for which the babysitter ended a process that had not ended by itself."""

    CANCELLED = auto()
    TIME_LIMIT = auto()
    SHUTTING_DOWN = auto()
    LEASE_LOST = auto()


class Babysitter:
    """Runs jobs, one at a time.

    Args:
        store: the jobs.
        settings: limits, folders, and the training's device and threads.
        worker: name of this worker, for the row and its log.
        shutting_down: says whether the worker was asked to stop: then the job goes back to the queue.
        orphaned: says whether the worker's main process is gone: then this one ends as well.
        attempt_command: the training process, a program that speaks `worker.babysit.protocol`.
        publish_shares: offers chips to other workers; None: none are offered.
    """

    def __init__(
        self,
        store: JobStore,
        settings: Settings,
        worker: str,
        *,
        shutting_down: Callable[[], bool] = lambda: False,
        orphaned: Callable[[], bool] = lambda: False,
        attempt_command: tuple[str, ...] = ATTEMPT_COMMAND,
        publish_shares: Publish | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._artifacts = ArtifactStore.of(settings)
        self._worker = worker
        self._shutting_down = shutting_down
        self._orphaned = orphaned
        self._command = attempt_command
        self._publish_shares = publish_shares

    def run(self, job_id: str) -> JobState | None:
        """Run the job if it can be claimed.

        Returns:
            The state in which the attempt left the job; None where the job was, or became, another attempt's.

        Raises:
            StoreUnavailable: the database did not answer when the job was claimed, or until the lease was over; the row
                is unchanged, and a reconciler takes care of the job.
        """
        if self._shutting_down():
            # The message is used up: let the job be published again, for a worker that stays.
            self._store.return_publication(job_id)
            return None
        self._remove_orphans()
        job = self._store.claim(job_id, self._worker, self._settings.lease_seconds)
        if job is None:
            LOG.info("job %s: nothing to do, it is not queued", job_id)
            return None
        LOG.info("job %s: attempt %d begins", job.id, job.attempt)
        lease = Lease(job, self._store, self._settings)
        try:
            state = self._attempt(lease)
        finally:
            self._artifacts.discard(job.id, job.attempt)
        LOG.info("job %s: attempt %d ends, the job is %s", job.id, job.attempt, state or "somebody else's")
        return state

    def _remove_orphans(self) -> None:
        """Remove what killed babysitters left on this machine, which no other process can clean up."""
        candidates = self._artifacts.attempts()
        self._artifacts.remove_orphans(self._store.wanted_attempts({each for each, _ in candidates}), candidates)

    def _attempt(self, lease: Lease) -> JobState | None:
        try:
            attempt = Attempt.start(
                self._command, lease, self._store, self._artifacts, self._settings, self._publish_shares
            )
        except OSError as error:
            return self._finish(lease, JobState.FAILED, error=self._not_writable(error))
        except BlobStoreUnavailable as error:
            # Beginning anew would throw away what its checkpoint holds.
            return self._retry(lease, self._not_writable(error))
        try:
            try:
                ending, status = self._look_after(attempt)
            finally:
                attempt.process.close()
            state = self._end(attempt, ending, status)
            attempt.settle(state)
            return state
        finally:
            attempt.close()

    def _look_after(self, attempt: Attempt) -> tuple[Ending | None, int]:
        """Stay until the process has ended.

        Returns:
            The reason for which it was asked to end, if it was, and its exit status.
        """
        process, lease = attempt.process, attempt.lease
        started = time.monotonic()
        ending: Ending | None = None
        kill_at = float("inf")
        while (status := process.poll()) is None:
            attempt.look_after(LISTEN_SECONDS)
            if self._orphaned():
                LOG.error("job %s: the worker's main process is gone", lease.job.id)
                process.close()
                os._exit(1)
            if ending is None:
                ending = self._reason_to_end(lease, time.monotonic() - started)
                if ending is not None:
                    LOG.info("job %s: the training has to end: %s", lease.job.id, ending.name)
                    kill_at = time.monotonic() + self._ask_to_end(process, ending)
            if time.monotonic() >= kill_at:
                process.kill()
        return ending, status

    def _end(self, attempt: Attempt, ending: Ending | None, status: int) -> JobState | None:
        lease, by_itself = attempt.lease, ending in (None, Ending.SHUTTING_DOWN)
        if by_itself and isinstance(attempt.process.outcome, SucceededNote):
            attempt.checkpoints.close()
            return self._hand_in(lease, attempt.process.outcome)
        if by_itself:
            attempt.finish(SENDING_SECONDS)
        attempt.checkpoints.close()
        # Before the row changes: nothing is left behind when the job is seen to have ended.
        self._artifacts.discard(lease.job.id, lease.job.attempt)
        return self._conclude(lease, attempt.process, ending, status)

    def _ask_to_end(self, process: AttemptProcess, ending: Ending) -> float:
        """Ask the process to end.

        Returns:
            Time until it is killed, s.
        """
        if ending is Ending.SHUTTING_DOWN:
            process.hand_over()
            return self._settings.handover_seconds
        process.terminate()
        # In the other cases there is nothing to save: the folder is removed, and nobody waits for a reply.
        return self._settings.cancel_grace_seconds if ending is Ending.CANCELLED else 0.0

    def _reason_to_end(self, lease: Lease, seconds: float) -> Ending | None:
        if lease.lost:
            return Ending.LEASE_LOST
        if lease.cancel_requested:
            return Ending.CANCELLED
        if seconds > self._settings.job_seconds:
            return Ending.TIME_LIMIT
        if self._shutting_down():
            return Ending.SHUTTING_DOWN
        return None

    def _hand_in(self, lease: Lease, outcome: SucceededNote) -> JobState | None:
        """Move the artifacts into the store and end the job: from then on they are served."""
        job = lease.job
        try:
            manifest = patiently(
                lease, lambda: self._artifacts.commit(job.id, job.attempt), self._settings.store_seconds
            )
        except (OSError, BlobStoreUnavailable) as error:
            self._artifacts.discard(job.id, job.attempt)
            return self._finish(lease, JobState.FAILED, error=self._not_writable(error))
        # Where the job is no longer the attempt's own, its blobs stay as garbage: others may refer to the same ones.
        return self._finish(lease, JobState.SUCCEEDED, result=outcome.result, artifacts=manifest)

    def _conclude(self, lease: Lease, process: AttemptProcess, ending: Ending | None, status: int) -> JobState | None:
        job = lease.job
        match ending:
            case Ending.LEASE_LOST:
                return None
            case Ending.CANCELLED:
                return self._finish(lease, JobState.CANCELLED)
            case Ending.SHUTTING_DOWN:
                return lease.insist(lambda: self._store.hand_back(job.id, job.attempt))
            case Ending.TIME_LIMIT:
                detail = (
                    f"attempt {job.attempt} ran longer than {self._settings.job_seconds:g} s (MHO_JOB_SECONDS); use "
                    "fewer epochs or a smaller network, or raise the limit"
                )
                return self._finish(lease, JobState.FAILED, error={"reason": TIME_LIMIT, "detail": detail})
        outcome = process.outcome
        if isinstance(outcome, FailedNote):
            # The row gets the message, the log a traceback as well, if there is one.
            failure = asdict(outcome.error)
            LOG.warning("job %s failed: %s\n%s", job.id, failure, "\n".join(process.tail.last(LOGGED_LINES)))
            return self._finish(lease, JobState.FAILED, error=failure)
        last = process.tail.last(LAST_LINES)
        words = "its last lines:\n" + "\n".join(last) if last else "it left no message"
        detail = f"the training process of attempt {job.attempt} {ending_in_words(status)}; {words}"
        LOG.warning("job %s: %s", job.id, detail)
        error = {"reason": ATTEMPT_CRASHED, "detail": detail}
        return self._retry(lease, error)

    def _retry(self, lease: Lease, error: dict[str, str]) -> JobState | None:
        job = lease.job
        return lease.insist(lambda: self._store.retry_or_fail(job.id, job.attempt, self._settings.max_attempts, error))

    def _finish(self, lease: Lease, state: JobState, **values: Any) -> JobState | None:
        job = lease.job
        done = lease.insist(lambda: self._store.finish(job.id, job.attempt, state, **values))
        return state if done else None

    def _not_writable(self, error: OSError | BlobStoreUnavailable) -> dict[str, str]:
        detail = str(error)
        if not isinstance(error, BlobStoreUnavailable):
            detail = (
                f"the staging folder {self._settings.staging_dir} cannot be used: {error}; see its rights and the "
                "space on its disk (MHO_STAGING_DIR)"
            )
        return {"reason": OutputNotWritable.reason, "detail": detail}
