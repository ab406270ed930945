"""A blob as a file that can be read: where it lies, or fetched into a cache where blobs lie in a bucket."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from pathlib import Path

from worker.contract import BlobStore

UNUSED_SECONDS = 7 * 24 * 3600.0
"""A file of the cache that nobody has read for so long goes."""


def intact_blob_file(blobs: BlobStore, sha256: str, cache: Path) -> Path:
    """The file of a blob, read once: its bytes are those of the digest. A damaged one of the cache is fetched again.

    Args:
        blobs: the store.
        sha256: of the blob.
        cache: folder for what was fetched, one file for each digest; made where it is needed.

    Raises:
        BlobLost: there is no such blob, or its bytes are others.
        BlobStoreUnavailable: the store does not answer.
        OSError: the cache cannot be read or written.
    """
    path = blobs.local_path(sha256)
    if path is not None:
        blobs.require_intact(sha256)
        return path
    path = _cached(blobs, sha256, cache)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        blobs.fetch(sha256, path)
    return path


def _cached(blobs: BlobStore, sha256: str, cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / sha256
    _remove_unused(cache, keep=path)
    # Its age counts from its last use.
    if path.is_file():
        path.touch()
    else:
        blobs.fetch(sha256, path)
    return path


def _remove_unused(cache: Path, keep: Path) -> None:
    oldest = time.time() - UNUSED_SECONDS
    for path in cache.iterdir():
        # Another worker may be removing it, too.
        with suppress(FileNotFoundError):
            if path != keep and path.stat().st_mtime < oldest:
                path.unlink()
