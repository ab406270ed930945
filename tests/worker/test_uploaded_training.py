"""Jobs on uploaded data, from the blob store to the artifacts."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from hwcore.spec import UploadedDataset, contents_of, parse_job, with_contents
from hwcore.uploads import describe
from tests.hwcore.uploads.files import digits_arrays, write_npz
from worker.babysit.sitters.babysitter import Babysitter
from worker.contract import BlobStore, JobState, JobStore, Settings, UploadStore
from worker.run.blob_files import UNUSED_SECONDS, _cached, dataset_file


@pytest.fixture
def blobs(settings: Settings) -> BlobStore:
    return BlobStore(settings.artifacts_url)


def uploaded(path: Path, document: dict[str, Any], settings: Settings, blobs: BlobStore) -> dict[str, Any]:
    """Build the document of a job on the digits of this file, as the server would keep it."""
    write_npz(path, digits_arrays())
    blob, found = blobs.put_file(path), describe(path)
    datasets = UploadStore(settings.database_url, "dataset")
    kept, _ = datasets.add(blob.sha256, blob.size, asdict(found))
    datasets.close()
    named = UploadedDataset(id=kept.id)
    contents = contents_of(blob.sha256, found.to_json())
    return with_contents(document, named, contents)


def test_uploaded_digits_train_as_the_bundled_ones(
    store: JobStore, settings: Settings, blobs: BlobStore, document: dict[str, Any], tmp_path: Path
) -> None:
    on_upload = uploaded(tmp_path / "own.npz", document, settings, blobs)
    sitter = Babysitter(store, settings, "test")
    jobs = [store.create(each).id for each in (document, on_upload)]
    assert [sitter.run(job_id) for job_id in jobs] == [JobState.SUCCEEDED] * 2
    bundled, own = (store.get(job_id).result for job_id in jobs)
    assert bundled is not None
    assert bundled == own
    sealed = [{artifact.name: artifact.sha256 for artifact in store.artifacts(job_id)} for job_id in jobs]
    for name in ("conductances.npz", "weights.safetensors", "predictions.npz"):
        assert sealed[0][name] == sealed[1][name]


@pytest.mark.parametrize("damage", ["lost", "damaged"])
def test_lost_and_damaged_bytes_fail_the_job_with_the_reason(
    store: JobStore, settings: Settings, blobs: BlobStore, document: dict[str, Any], tmp_path: Path, damage: str
) -> None:
    job = store.create(uploaded(tmp_path / "own.npz", document, settings, blobs))
    sha256 = job.document["dataset"]["contents"]["sha256"]
    if damage == "lost":
        blobs.delete(sha256)
    else:
        path = blobs.local_path(sha256)
        assert path is not None
        path.chmod(0o600)
        path.write_bytes(b"x" * 500)
    assert Babysitter(store, settings, "test").run(job.id) is JobState.FAILED
    error = store.get(job.id).error
    assert error is not None
    assert error["reason"] == "DATASET_UNAVAILABLE"
    assert {"lost": "is gone", "damaged": "is damaged: its bytes, 500 of them, have the SHA-256"}[damage] in error[
        "detail"
    ]
    assert error["detail"].endswith("or post its file again")


def test_only_uploaded_data_have_a_file(settings: Settings, tmp_path: Path) -> None:
    job = parse_job({"hardware": "ideal", "dataset": "digits"})
    assert dataset_file(job.dataset, settings.artifacts_url, tmp_path) is None
    secret = parse_job({"hardware": "ideal", "dataset": {"type": "file", "path": "/etc/passwd"}})
    assert dataset_file(secret.dataset, settings.artifacts_url, tmp_path) is None


def test_a_fetched_file_is_kept_while_it_is_used(blobs: BlobStore, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    digest, other = (blobs.put_bytes(data).sha256 for data in (b"one", b"two"))
    path = _cached(blobs, digest, cache)
    assert path.read_bytes() == b"one"
    blobs.delete(digest)
    long_ago = time.time() - UNUSED_SECONDS - 60
    os.utime(path, (long_ago, long_ago))
    assert _cached(blobs, digest, cache) == path
    os.utime(path, (long_ago, long_ago))
    assert _cached(blobs, other, cache).read_bytes() == b"two"
    assert [each.name for each in cache.iterdir()] == [other]
