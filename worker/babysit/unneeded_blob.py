"""Removes a blob of an attempt that it needs no more, and nobody else does."""

from __future__ import annotations

import logging

from worker.contract import BlobStore, BlobStoreUnavailable, JobStore, StoreUnavailable

LOG = logging.getLogger(__name__)


def remove_unneeded(job_id: str, store: JobStore, blobs: BlobStore, sha256: str) -> None:
    """Remove a blob unless something refers to it: two equal jobs have equal checkpoints and bundles.

    What cannot be removed now is garbage later.
    """
    try:
        if not store.refers_to(sha256):
            blobs.delete(sha256)
    except (BlobStoreUnavailable, StoreUnavailable) as error:
        LOG.info("job %s: a blob that it needs no more is left for the garbage: %s", job_id, error)
