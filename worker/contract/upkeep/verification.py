"""Reads everything that is stored, and says what is lost and who needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from worker.contract.blobs.blob_store import BlobStore
from worker.contract.errors import BlobLost, BlobStoreUnavailable
from worker.contract.jobs.blob_references import BlobUse
from worker.contract.jobs.job_store import JobStore


@dataclass(frozen=True)
class LostBlob:
    """A blob that is not what its name says.

    Args:
        sha256: its name.
        fault: whether it is not there, or its bytes are others.
        uses: who needs it; nobody, where it is empty.
    """

    sha256: str
    fault: Literal["missing", "damaged"]
    uses: tuple[BlobUse, ...]


@dataclass(frozen=True)
class Verification:
    """Files that were read, and those that are lost.

    Args:
        files: how many blobs were read.
        bytes: of all of them.
        lost: those that are not what their name says, by name.
    """

    files: int
    bytes: int
    lost: tuple[LostBlob, ...]


def verify(store: JobStore, blobs: BlobStore) -> Verification:
    """Read every blob of the store, and look for every one that a row refers to; nothing is changed.

    Servers and workers may go on meanwhile: what is removed while this reads is not lost.

    Raises:
        StoreUnavailable: the database does not answer.
        BlobStoreUnavailable: the artifact store does not, or its folder is not there.
    """
    # What is put while this runs is of no interest; what is referred to was put before.
    wanted = store.referenced_blobs()
    if wanted and blobs.folder is not None and not blobs.folder.is_dir():
        raise BlobStoreUnavailable(
            f"got {blobs.url}, which is not there; allowed: the folder that has the files (MHO_ARTIFACTS_URL, "
            "MHO_HOME), mounted"
        )
    sizes = {blob.sha256: blob.size for blob in blobs.list()}
    lost = []
    for sha256 in sorted(wanted | sizes.keys()):
        try:
            blobs.require_intact(sha256)
        except BlobLost:
            there = blobs.exists(sha256)
            uses = store.uses_of(sha256)
            if there or uses:
                lost.append(LostBlob(sha256, "damaged" if there else "missing", uses))
    return Verification(len(sizes), sum(sizes.values()), tuple(lost))
