"""The file of an uploaded dataset, where the training can read it."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from hwcore.errors import DatasetUnavailable
from hwcore.spec import CompileJob, UploadedDataset
from worker.contract import BlobLost, BlobStore, BlobStoreUnavailable

UNUSED_SECONDS = 7 * 24 * 3600.0
"""A file of the cache that no training has read for so long goes."""


def dataset_file(job: CompileJob, blobs_url: str, cache: Path | None) -> Path | None:
    """The file that a job is trained on, fetched into the cache where the blobs lie in a bucket.

    Args:
        job: with the contents of its dataset written into it.
        blobs_url: where the datasets are.
        cache: folder for what was fetched, one file for each digest; made where it is needed. None: nothing is fetched.

    Returns:
        The file, or None where the job's dataset is not an uploaded one.

    Raises:
        DatasetUnavailable: the bytes are gone, or cannot be had now.
    """
    dataset = job.dataset
    if not isinstance(dataset, UploadedDataset) or dataset.contents is None or cache is None:
        return None
    blobs, sha256 = BlobStore(blobs_url), dataset.contents.sha256
    try:
        path = blobs.local_path(sha256)
        return path if path is not None else _cached(blobs, sha256, cache)
    except (BlobLost, BlobStoreUnavailable, OSError) as error:
        raise DatasetUnavailable(f"dataset {dataset.id}: {error}; or post its file again") from error


def _cached(blobs: BlobStore, sha256: str, cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / sha256
    _remove_unused(cache, keep=path)
    # Its age counts from its last use. Whoever reads it compares the digest in any case.
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
