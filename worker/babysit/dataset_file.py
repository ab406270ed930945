"""The file of an uploaded dataset, where the training can read it."""

from __future__ import annotations

from pathlib import Path

from hwcore.errors import DatasetUnavailable
from hwcore.spec import CompileJob, UploadedDataset
from worker.babysit.blob_file import intact_blob_file
from worker.contract import BlobLost, BlobStore, BlobStoreUnavailable


def dataset_file(job: CompileJob, blobs_url: str, cache: Path | None) -> Path | None:
    """The file that a job is trained on, fetched into the cache where the blobs lie in a bucket.

    Args:
        job: with the contents of its dataset written into it.
        blobs_url: where the datasets are.
        cache: folder for what was fetched, one file for each digest; made where it is needed. None: nothing is fetched.

    Returns:
        The file, or None where the job's dataset is not an uploaded one.

    Raises:
        DatasetUnavailable: the bytes are gone or damaged, or cannot be had now.
    """
    dataset = job.dataset
    if not isinstance(dataset, UploadedDataset) or dataset.contents is None or cache is None:
        return None
    try:
        return intact_blob_file(BlobStore(blobs_url), dataset.contents.sha256, cache)
    except (BlobLost, BlobStoreUnavailable, OSError) as error:
        raise DatasetUnavailable(f"dataset {dataset.id}: {error}; or post its file again") from error
