"""The offer of an attempt's chips to other workers, and the way of their results back to its process."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from worker.babysit.events import OfferNote
from worker.babysit.protocol import BUNDLE_NAME, result_name
from worker.babysit.share import Share, cut
from worker.contract import BlobStore, BlobStoreUnavailable, BrokerUnavailable, Job, JobSize, JobStore, StoreUnavailable
from worker.contract.upkeep.garbage import remove_unneeded

LOG = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Time between two questions to the database for new results."""

AFTER_FAILURE_SECONDS = 10.0
"""The same after one that it did not answer."""

Publish = Callable[[Sequence[Share]], None]
"""Publishes shares to all workers; raises `BrokerUnavailable`."""


class ChipOffer:
    """The offer of one attempt. A failure here costs the help of others, and nothing else.

    Args:
        job: as it was claimed.
        store: the jobs.
        blobs: keep the bundle.
        folder: in which the process leaves the bundle and looks for results; it has to exist.
        share_chips: tasks of a share; 0: nothing is offered.
        publish: tells the workers; None: nothing is offered.
    """

    def __init__(
        self, job: Job, store: JobStore, blobs: BlobStore, folder: Path, share_chips: int, publish: Publish | None
    ) -> None:
        self.share_chips = 0 if publish is None else share_chips
        self._job, self._store, self._blobs = job, store, blobs
        self._folder, self._publish = folder, publish
        self._bundle: str | None = None
        self._offered: frozenset[str] = frozenset()
        self._brought: set[str] = set()
        self._seen = 0
        self._next_look = 0.0
        self._sending: Future[None] | None = None
        # Held by the thread while it uses the store; it does not use it once the offer is closed.
        self._using_store = threading.Lock()
        self._closed = False
        # Its thread starts with the offer.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mho-offer")

    def make(self, note: OfferNote) -> None:
        """Offer the tasks of the process to other workers, in a thread; once, and not after `close`."""
        if self._closed or self._sending is not None:
            return
        if self._publish is not None and self.share_chips > 0:
            self._sending = self._pool.submit(self._send, note, self._publish)

    def look(self) -> None:
        """Bring new results to the process when it is due; call this often."""
        if self._bundle is None or not self._offered or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_SECONDS
        try:
            found = self._store.chip_results(self._job.id, self._bundle, known=self._seen)
            for task in self._offered & (found.keys() - self._brought):
                self._bring(task, found[task])
            # Among them may be results of an earlier attempt, which offered more tasks.
            self._seen = max(self._seen, len(found))
        except (StoreUnavailable, OSError) as error:
            LOG.warning("job %s: no results of others: %s", self._job.id, error)
            # The lease waits for the same database, and goes first.
            self._next_look = time.monotonic() + AFTER_FAILURE_SECONDS

    def withdraw(self) -> None:
        """Remove the bundle of an attempt that has ended."""
        self.close()
        if self._bundle is not None:
            remove_unneeded(self._store, self._blobs, self._bundle, self._job.id)

    def close(self) -> None:
        """Offer nothing more; the store of jobs may be closed afterwards.

        The thread may still be sending something to blob store or broker; it is not waited for.
        """
        self._closed = True
        with self._using_store:
            # The thread does not use the store any more.
            pass
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _send(self, note: OfferNote, publish: Publish) -> None:
        job = self._job
        try:
            if not self._help_possible():
                LOG.info("job %s: its chips are not offered: other jobs wait, or it has to end", job.id)
                return
            bundle = self._blobs.put_file(self._folder / BUNDLE_NAME).sha256
            if not self._keep(bundle):
                return
            shares = cut(job.id, job.attempt, bundle, note.tasks, self.share_chips)
            self._offered = frozenset(note.tasks)
            if self._closed:
                return
            publish(shares)
        except (BlobStoreUnavailable, StoreUnavailable, BrokerUnavailable, OSError) as error:
            LOG.warning("job %s: its chips are not offered: %s", job.id, error)
            return
        except Exception:
            # The result of the thread is not looked at.
            LOG.exception("job %s: its chips are not offered", job.id)
            return
        LOG.info("job %s: attempt %d offers %d chips in %d shares", job.id, job.attempt, len(note.tasks), len(shares))

    def _help_possible(self) -> bool:
        """Find out if a worker could help: none does while a job waits, and shares would only pile up in the queue."""
        with self._using_store:
            return not self._closed and self._store.help_wanted(
                self._job.id, self._job.attempt, None, before=list(JobSize)
            )

    def _keep(self, bundle: str) -> bool:
        with self._using_store:
            if self._closed or not self._store.keep_bundle(self._job.id, self._job.attempt, bundle):
                return False
            self._bundle = bundle
            return True

    def _bring(self, task: str, result: Sequence[int]) -> None:
        aside = self._folder / f".{result_name(task)}"
        aside.write_text(json.dumps(result))
        os.replace(aside, self._folder / result_name(task))
        self._brought.add(task)
