"""Blobs as files that can be read: where they lie, or fetched into a cache where blobs lie in a bucket."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hwcore.errors import DatasetUnavailable
from hwcore.spec import AnyDataset, UploadedDataset
from worker.contract import BlobLost, BlobStore, BlobStoreUnavailable

UNUSED_SECONDS = 7 * 24 * 3600.0
"""Age of an unread file of the cache at which it is removed."""


def intact_blob_file(blobs: BlobStore, sha256: str, cache: Path) -> Path:
    """Find the file of a blob, and check its bytes against the digest; a damaged one of the cache is fetched again.

    Args:
        blobs: the store.
        sha256: of the blob.
        cache: folder for fetched files, one for each digest; made where it is needed.

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


def dataset_file(
    dataset: AnyDataset | None,
    blobs_url: str,
    cache: Path | None,
    open_blobs: Callable[[str], BlobStore] = BlobStore,
) -> Path | None:
    """Find the file of a job's dataset, fetched into the cache where the blobs lie in a bucket.

    Args:
        dataset: of the job, with its contents written into it; None: it has none of the user's own.
        blobs_url: of the store with the datasets.
        cache: folder for fetched files, as for `intact_blob_file`; None: nothing is fetched.
        open_blobs: opens the store of an address.

    Returns:
        The file, or None where the dataset is not an uploaded one.

    Raises:
        DatasetUnavailable: the bytes are gone or damaged, or cannot be had now.
    """
    if not isinstance(dataset, UploadedDataset) or dataset.contents is None or cache is None:
        return None
    try:
        return intact_blob_file(open_blobs(blobs_url), dataset.contents.sha256, cache)
    except (BlobLost, BlobStoreUnavailable, OSError) as error:
        raise DatasetUnavailable(f"dataset {dataset.id}: {error}; or post its file again") from error


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
