"""The sender of judged chips to the database, for later attempts, while the evaluation goes on."""

from __future__ import annotations

import json
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from worker.babysit.events import JudgedNote
from worker.contract import Job, JobStore, StoreUnavailable

LOG = logging.getLogger(__name__)

KEEP_SECONDS = 1.0
"""Time for which a judged chip waits for others, to be kept with them in one transaction."""

AFTER_FAILURE_SECONDS = 10.0
"""Pause after a try that the database did not answer."""


class JudgedChips:
    """Keeps the judged chips of one attempt, a row each, some at once. A chip that is not kept only costs time later.

    Args:
        job: as it was claimed.
        store: the jobs.
        folder: for the file with chips of earlier attempts; it has to exist.
    """

    def __init__(self, job: Job, store: JobStore, folder: Path) -> None:
        self._job, self._store, self._folder = job, store, folder
        self._waiting: dict[str, dict[str, Sequence[int]]] = defaultdict(dict)
        self._next_time = 0.0

    def earlier(self) -> Path | None:
        """Write a file with the chips that earlier attempts judged; None where there are none.

        Raises:
            StoreUnavailable: the database does not answer.
            OSError: the file cannot be written.
        """
        found = self._store.judged_chips(self._job.id) if self._job.attempt > 1 else {}
        if not found:
            return None
        LOG.info("job %s: %d chips were judged before", self._job.id, sum(map(len, found.values())))
        path = self._folder / "judged.json"
        path.write_text(json.dumps(found))
        return path

    def take(self, note: JudgedNote) -> None:
        """Let this chip wait for others, to be kept with them."""
        if not self._waiting:
            self._next_time = max(self._next_time, time.monotonic() + KEEP_SECONDS)
        self._waiting[note.bundle][note.task] = note.correct

    def keep_in_time(self) -> None:
        """Keep the chips that wait when it is due; call this often."""
        if self._waiting and time.monotonic() >= self._next_time:
            self.keep()

    def keep(self) -> None:
        """Keep the chips that wait, now."""
        try:
            for bundle in list(self._waiting):
                self._store.keep_judged_chips(self._job.id, self._job.attempt, bundle, self._waiting[bundle])
                del self._waiting[bundle]
        except StoreUnavailable as error:
            LOG.warning("job %s: judged chips are not kept yet: %s", self._job.id, error)
            # The lease waits for the same database, and goes first.
            self._next_time = time.monotonic() + AFTER_FAILURE_SECONDS
