"""A worker's hold on one attempt: renewed while it lasts, given up when it cannot be."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from hwcore.progress import Progress
from worker.contract import Job, JobStore, Settings, StoreUnavailable

LOG = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.5
"""News of progress is written to the row at most this often; without news, only the heartbeat is."""

RETRY_SECONDS = 0.2
"""How long to wait before the database is asked again, while it does not answer."""

Answer = TypeVar("Answer")


class Lease:
    """The lease of a job that was just claimed.

    Args:
        job: as `JobStore.claim` returned it.
        store: the jobs.
        settings: `lease_seconds`, `heartbeat_seconds`.
    """

    def __init__(self, job: Job, store: JobStore, settings: Settings) -> None:
        self.job = job
        self.cancel_requested = False
        self.lost = False
        """The attempt is no longer the job's own, or nobody can tell any more: stop it."""
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
        """Make a change to the row, again and again while the database does not answer, until the lease is over.

        Raises:
            StoreUnavailable: it did not answer all that time; a reconciler will take the job.
        """
        while True:
            try:
                return change()
            except StoreUnavailable as error:
                if time.monotonic() > self._ends:
                    raise
                LOG.warning("job %s: tried again: %s", self.job.id, error)
            time.sleep(RETRY_SECONDS)
