"""The sender of checkpoints, from the training's folder to the blob store, while the training goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from worker.babysit.events import CheckpointNote
from worker.contract import BlobLost, BlobStore, BlobStoreUnavailable, Job, JobStore, StoreUnavailable
from worker.contract.upkeep.garbage import remove_unneeded

LOG = logging.getLogger(__name__)

WAIT_SECONDS = 0.1
"""Time between two calls of `meanwhile` in `finish`."""


class CheckpointSender:
    """Sends the checkpoints of one attempt in a thread, one at a time, the newest next.

    A checkpoint that cannot be sent costs time later, but does not disturb the training.

    Args:
        job: as it was claimed.
        store: the jobs.
        blobs: keep the checkpoints.
        folder: of the training's checkpoints; it has to exist.
    """

    def __init__(self, job: Job, store: JobStore, blobs: BlobStore, folder: Path) -> None:
        self.folder = folder
        self._job, self._store, self._blobs = job, store, blobs
        self._kept: str | None = None if job.checkpoint is None else str(job.checkpoint["sha256"])
        self._next: CheckpointNote | None = None
        self._sending: Future[None] | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mho-checkpoint")

    def earlier(self) -> Path | None:
        """Fetch the checkpoint that the job goes on from; None where there is none, or it is lost.

        Raises:
            BlobStoreUnavailable: the store does not answer.
        """
        if self._kept is None:
            return None
        target = self.folder / "earlier"
        try:
            self._blobs.fetch(self._kept, target)
        except BlobLost as error:
            # A folder that is not mounted looks empty as well: only a store that can be written is believed.
            self._blobs.check_writable()
            LOG.warning("job %s begins anew: %s", self._job.id, error)
            return None
        LOG.info("job %s goes on from %s", self._job.id, self._job.checkpoint)
        return target

    def take(self, note: CheckpointNote) -> None:
        """Let this checkpoint be the next one, in place of one that still waits."""
        if self._next is not None:
            (self.folder / self._next.name).unlink(missing_ok=True)
        self._next = note

    def send_next(self) -> None:
        """Send the checkpoint that waits, if there is one and none is on its way; call this often."""
        if self._next is not None and (self._sending is None or self._sending.done()):
            chosen, self._next = self._next, None
            self._sending = self._pool.submit(self._send, chosen)

    def finish(self, meanwhile: Callable[[], Any], most_seconds: float) -> None:
        """Wait until every checkpoint is sent.

        Args:
            meanwhile: called every `WAIT_SECONDS`.
            most_seconds: longest wait.
        """
        for _ in range(round(most_seconds / WAIT_SECONDS) + 1):
            self.send_next()
            if self._sending is None or (self._sending.done() and self._next is None):
                return
            wait([self._sending], WAIT_SECONDS)
            meanwhile()

    def forget(self) -> None:
        """Remove the checkpoint of a job that has ended."""
        self.close()
        if self._kept is not None:
            remove_unneeded(self._store, self._blobs, self._kept, self._job.id)

    def close(self) -> None:
        """Let the thread end after what it is sending, without waiting for it."""
        self._next = None
        self._pool.shutdown(wait=False)

    def _send(self, note: CheckpointNote) -> None:
        path = self.folder / note.name
        try:
            blob = self._blobs.put_file(path)
            path.unlink(missing_ok=True)
            checkpoint = {
                "sha256": blob.sha256,
                "size": blob.size,
                "stage": note.stage,
                "epoch": note.epoch,
                "reached": list(note.reached),
            }
            if not self._store.keep_checkpoint(self._job.id, self._job.attempt, checkpoint):
                return
        except (BlobStoreUnavailable, StoreUnavailable, OSError) as error:
            LOG.warning("job %s: the checkpoint after epoch %d is not kept: %s", self._job.id, note.epoch, error)
            return
        before, self._kept = self._kept, blob.sha256
        if before not in (None, blob.sha256):
            remove_unneeded(self._store, self._blobs, str(before), self._job.id)
