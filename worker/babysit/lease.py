"""The lease of one attempt: renewed while the attempt runs, lost when it cannot be renewed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from hwcore.progress import Progress
from worker.contract import Job, JobStore, Settings, StoreUnavailable

LOG = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.5
"""Shortest time between two heartbeats with new progress; without any, `heartbeat_seconds` counts."""

RETRY_SECONDS = 0.2
"""Pause before the database is asked again, while it does not answer."""

Answer = TypeVar("Answer")


class Lease:
    """The lease of a job that was just claimed.

    Attributes:
        job: as it was claimed.
        cancel_requested: whether the job is to be cancelled, as of the last heartbeat.
        lost: whether the attempt is no longer the job's own, or that cannot be found out any more: it has to stop.

    Args:
        job: as `JobStore.claim` returned it.
        store: the jobs.
        settings: `lease_seconds`, `heartbeat_seconds`.
    """

    def __init__(self, job: Job, store: JobStore, settings: Settings) -> None:
        self.job = job
        self.cancel_requested = False
        self.lost = False
        self._store = store
        self._settings = settings
        self._last_beat = time.monotonic()
        self._ends = self._last_beat + settings.lease_seconds
        self._progress: Progress | None = None

    def hear(self, progress: Progress) -> None:
        """Keep the newest progress for the next heartbeat."""
        self._progress = progress

    def beat(self) -> None:
        """Renew the lease when it is due, and learn whether the job is to be cancelled; call this often."""
        now = time.monotonic()
        interval = self._settings.heartbeat_seconds
        if self._progress is not None:
            interval = min(interval, PROGRESS_SECONDS)
        if self.lost or now - self._last_beat < interval:
            return
        self._last_beat = now
        try:
            answer = self._store.heartbeat(self.job.id, self.job.attempt, self._settings.lease_seconds, self._progress)
        except StoreUnavailable as error:
            LOG.warning("job %s: no heartbeat: %s", self.job.id, error)
            if time.monotonic() > self._ends:
                self.lost = True
            return
        if answer is None:
            LOG.warning("job %s: attempt %d is no longer the job's own", self.job.id, self.job.attempt)
            self.lost = True
            return
        self._progress = None
        self._ends = now + self._settings.lease_seconds
        self.cancel_requested = answer

    def insist(self, change: Callable[[], Answer]) -> Answer:
        """Make a change to the row; try again while the database does not answer, until the lease is over.

        Raises:
            StoreUnavailable: it did not answer in that time; a reconciler will take the job.
        """
        while True:
            try:
                return change()
            except StoreUnavailable as error:
                if time.monotonic() > self._ends:
                    raise
                LOG.warning("job %s: the database is asked again: %s", self.job.id, error)
            time.sleep(RETRY_SECONDS)
