"""Garbage: finished jobs past their time, and blobs that nothing refers to.

A blob is put before anything refers to it, so one without a reference is garbage only when it is older than any attempt
needs to write its manifest. It is looked at in this order: the store is listed, then the references are read, then each
candidate's age is asked again in the moment of its removal (`BlobStore.delete_if_older`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.contract.blobs.blob import StoredBlob
from worker.contract.blobs.blob_store import BlobStore
from worker.contract.errors import BlobStoreUnavailable, JobNotFound, StoreUnavailable
from worker.contract.jobs.job_store import JobStore
from worker.contract.settings.settings import Settings

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Garbage:
    """Jobs and blobs that were removed, or would be.

    Args:
        jobs: id of each job, and when it finished.
        blobs: each blob.
    """

    jobs: tuple[tuple[str, datetime], ...]
    blobs: tuple[StoredBlob, ...]

    @property
    def bytes(self) -> int:
        """Bytes of the blobs."""
        return sum(blob.size for blob in self.blobs)


def collect_garbage(store: JobStore, blobs: BlobStore, settings: Settings, *, dry_run: bool = False) -> Garbage:
    """Remove garbage. Any number of processes may do so at once, beside workers and servers.

    Args:
        store: the jobs.
        blobs: their files.
        settings: `retention_days`, `gc_grace_seconds`.
        dry_run: remove nothing, and tell what would be.

    Raises:
        StoreUnavailable: the database does not answer.
        BlobStoreUnavailable: the artifact store does not.
    """
    jobs: tuple[tuple[str, datetime], ...] = ()
    if settings.retention_days is not None:
        jobs = store.finished_before(timedelta(days=settings.retention_days))
    if not dry_run:
        jobs = tuple(job for job in jobs if _removed(store, job[0]))
    grace = timedelta(seconds=settings.gc_grace_seconds)
    moment = store.time()
    # By this machine's clock for now: the store's own decides when it comes to removing.
    old = [blob for blob in blobs.list() if moment - blob.modified > grace]
    wanted = store.referenced_blobs(without=[job_id for job_id, _ in jobs])
    unwanted = [blob for blob in old if blob.sha256 not in wanted]
    if not dry_run:
        unwanted = [blob for blob in unwanted if blobs.delete_if_older(blob.sha256, grace)]
        blobs.remove_leftovers(grace)
    return Garbage(jobs, tuple(unwanted))


def remove_unneeded(store: JobStore, blobs: BlobStore, sha256: str, job_id: str) -> None:
    """Remove a blob that its job needs no more, unless something refers to it: equal jobs have equal checkpoints.

    A blob that cannot be removed now is garbage later.

    Args:
        store: the jobs.
        blobs: where it is.
        sha256: of the blob.
        job_id: for the log.
    """
    try:
        if not store.refers_to(sha256):
            blobs.delete(sha256)
    except (BlobStoreUnavailable, StoreUnavailable) as error:
        LOG.info("job %s: a blob that it needs no more is left for the garbage: %s", job_id, error)


def _removed(store: JobStore, job_id: str) -> bool:
    try:
        store.delete(job_id)
    except JobNotFound:
        # Another process was faster.
        return False
    return True
