"""Puts right what broker and workers lose: in every server process, any number at once, each step idempotent."""

from __future__ import annotations

import logging
import threading

from worker.contract.artifacts.artifact_store import ArtifactStore
from worker.contract.blobs.blob_store import BlobStore
from worker.contract.broker.messages import publish, waiting_messages
from worker.contract.errors import BlobStoreUnavailable, BrokerUnavailable, StoreUnavailable
from worker.contract.jobs.job_size import JobSize
from worker.contract.jobs.job_store import JobStore
from worker.contract.process.logs import logged_as
from worker.contract.settings.settings import Settings
from worker.contract.upkeep.garbage import collect_garbage

LOG = logging.getLogger(__name__)

GARBAGE_EVERY_SECONDS = 600.0
"""Time between two looks for garbage, s: it only costs space."""


class Reconciler:
    """Publishes queued jobs again, takes running jobs from silent workers, removes what nobody needs.

    Args:
        store: the jobs.
        settings: `reconcile_seconds`, `max_attempts`, and where broker and artifacts are.
    """

    def __init__(self, store: JobStore, settings: Settings) -> None:
        self.republished = 0
        """Queued jobs that it has published again so far."""
        self.recovered = 0
        """Running jobs that it has taken from silent workers so far."""
        self._store = store
        self._settings = settings
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._garbage_wait = 0.0

    def run_once(self) -> None:
        """One round.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        for job_id in self._store.recover_dead_leases(self._settings.max_attempts):
            self.recovered += 1
            with logged_as(job_id=job_id):
                LOG.warning("job %s was taken from a silent worker", job_id)
        try:
            for size in JobSize:
                self._publish_again(size)
        except BrokerUnavailable as error:
            LOG.warning("%s", error)

    def _publish_again(self, size: JobSize) -> None:
        moment = self._store.time()
        due = self._store.queued_before(moment, size)
        # A message for each job that waits: none is lost, and more of them would only pile up behind a long job. Each
        # queue for itself: one that nobody takes from would hide what the other has lost.
        if not due or waiting_messages(self._settings, size) >= self._store.queued_count(size):
            return
        for job_id in due:
            if not self._store.take_publication(job_id, moment):
                continue
            try:
                publish(self._settings, job_id, size)
            except BrokerUnavailable:
                self._store.return_publication(job_id)
                # One failure is enough for a round: the others would wait for the same broker.
                raise
            self.republished += 1

    def remove_orphans(self) -> int:
        """Remove what attempts have staged on this machine and nobody works on any more.

        Returns:
            How many attempts lost their folders.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        artifacts = ArtifactStore.of(self._settings)
        candidates = artifacts.attempts()
        return artifacts.remove_orphans(self._store.wanted_attempts({job_id for job_id, _ in candidates}), candidates)

    def collect_garbage(self) -> None:
        """Remove the jobs that are too old, and every blob that nothing refers to.

        Raises:
            StoreUnavailable: the database does not answer.
            BlobStoreUnavailable: the artifact store does not.
        """
        found = collect_garbage(self._store, BlobStore(self._settings.artifacts_url), self._settings)
        if found.jobs or found.blobs:
            LOG.info("garbage: %d jobs and %d files (%d bytes) removed", len(found.jobs), len(found.blobs), found.bytes)

    def start(self) -> None:
        """Run rounds in a thread of its own until `stop`."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._rounds, name="mho-reconciler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _rounds(self) -> None:
        while not self._stop.is_set():
            try:
                self.run_once()
                if self._garbage_wait <= 0:
                    # First the wait: a store that does not answer is not asked again in every round.
                    self._garbage_wait = GARBAGE_EVERY_SECONDS
                    self.remove_orphans()
                    self._store.forget_old_keys()
                    self.collect_garbage()
            except (StoreUnavailable, BlobStoreUnavailable, OSError) as error:
                LOG.warning("the reconciler tries again in %g s: %s", self._settings.reconcile_seconds, error)
            except Exception:
                # Whatever it is: without further rounds, jobs of dead workers would stay running for ever.
                LOG.exception("the reconciler tries again in %g s", self._settings.reconcile_seconds)
            self._garbage_wait -= self._settings.reconcile_seconds
            self._stop.wait(self._settings.reconcile_seconds)
