from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from worker.contract import (
    ArtifactStore,
    BlobStore,
    JobNotFound,
    JobState,
    JobStore,
    QuotaExceeded,
    Settings,
    StoredBlob,
    collect_garbage,
)
from worker.contract.database.tables import JOBS, UPLOADS

pytestmark = pytest.mark.each_database

DAY = timedelta(days=1)


@pytest.fixture
def blobs(artifacts: ArtifactStore) -> BlobStore:
    return artifacts.blobs


def age(blobs: BlobStore, *sha256s: str) -> None:
    """Make blobs a day old."""
    for sha256 in sha256s:
        path = blobs.local_path(sha256)
        assert path is not None
        moment = datetime.now(UTC).timestamp() - DAY.total_seconds()
        os.utime(path, (moment, moment))


def kept(blobs: BlobStore) -> set[str]:
    return {blob.sha256 for blob in blobs.list()}


def finished(store: JobStore, artifacts: ArtifactStore, content: bytes, days: float = 0) -> tuple[str, str]:
    """A job with one artifact, finished some days ago: its id and the artifact's SHA-256."""
    job_id = store.create({"kind": "compile"}).id
    assert store.claim(job_id, "worker", 60) is not None
    out = artifacts.staging(job_id, 1)
    out.mkdir()
    (out / "report.json").write_bytes(content)
    manifest = artifacts.commit(job_id, 1)
    assert store.finish(job_id, 1, JobState.SUCCEEDED, artifacts=manifest)
    with store._database.write() as connection:
        values = {"finished_at": datetime.now(UTC) - timedelta(days=days)}
        connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(values))
    return job_id, manifest[0].sha256


def test_what_somebody_refers_to_stays_and_the_rest_goes(
    store: JobStore, artifacts: ArtifactStore, blobs: BlobStore, settings: Settings
) -> None:
    _, artifact = finished(store, artifacts, b"artifact")
    dataset, checkpoint, garbage, young = (blobs.put_bytes(data).sha256 for data in (b"d", b"c", b"garbage", b"young"))
    with store._database.write() as connection:
        row = {"name": "x", "sha256": dataset, "size": 1, "description": {}, "created_at": datetime.now(UTC)}
        connection.execute(insert(UPLOADS).values(id="1", kind="dataset", **row))
        connection.execute(update(JOBS).values(checkpoint={"sha256": checkpoint, "size": 1}))
    age(blobs, artifact, dataset, checkpoint, garbage)
    would = collect_garbage(store, blobs, settings, dry_run=True)
    assert [blob.sha256 for blob in would.blobs] == [garbage]
    assert kept(blobs) == {artifact, dataset, checkpoint, garbage, young}
    done = collect_garbage(store, blobs, settings)
    assert done == would
    assert (done.jobs, done.bytes) == ((), len(b"garbage"))
    assert kept(blobs) == {artifact, dataset, checkpoint, young}
    assert collect_garbage(store, blobs, settings).blobs == ()


def test_old_jobs_go_with_their_files_unless_others_have_the_same(
    store: JobStore, artifacts: ArtifactStore, blobs: BlobStore, settings: Settings
) -> None:
    old, own = finished(store, artifacts, b"own", days=8)
    other_old, shared = finished(store, artifacts, b"shared", days=9)
    young, _ = finished(store, artifacts, b"shared", days=6)
    waiting = store.create({}).id
    age(blobs, own, shared)
    assert collect_garbage(store, blobs, settings).jobs == ()
    settings = settings.model_copy(update={"retention_days": 7.0})
    would = collect_garbage(store, blobs, settings, dry_run=True)
    assert [job_id for job_id, _ in would.jobs] == [other_old, old]
    assert [blob.sha256 for blob in would.blobs] == [own]
    store.get(old)
    assert collect_garbage(store, blobs, settings) == would
    for job_id in (old, other_old):
        with pytest.raises(JobNotFound):
            store.get(job_id)
    assert store.artifacts(young)[0].sha256 == shared
    assert kept(blobs) == {shared}
    store.get(waiting)


def test_a_blob_that_is_put_again_meanwhile_stays(store: JobStore, blobs: BlobStore, settings: Settings) -> None:
    """It is put after the references were read: the age is asked again, and it is young."""
    sha256 = blobs.put_bytes(b"again").sha256
    age(blobs, sha256)

    class PutMeanwhile(BlobStore):
        def list(self) -> Iterator[StoredBlob]:
            listed = list(super().list())
            yield from listed
            self.put_bytes(b"again")

    found = collect_garbage(store, PutMeanwhile(blobs.url), settings)
    assert found.blobs == ()
    assert kept(blobs) == {sha256}


def test_what_a_process_left_that_died_while_it_wrote(store: JobStore, blobs: BlobStore, settings: Settings) -> None:
    sha256 = blobs.put_bytes(b"whole").sha256
    path = blobs.local_path(sha256)
    assert path is not None
    assert blobs.folder is not None
    left = [path.with_name(f"{sha256}#1"), blobs.folder / "removing" / f"{sha256}-1", blobs.folder / "probe" / "1"]
    fresh = path.with_name(f"{sha256}#2")
    moment = datetime.now(UTC).timestamp() - DAY.total_seconds()
    for each in (*left, fresh):
        each.parent.mkdir(exist_ok=True)
        each.write_bytes(b"half")
    for each in left:
        os.utime(each, (moment, moment))
    assert kept(blobs) == {sha256}
    collect_garbage(store, blobs, settings)
    assert [each.exists() for each in left] == [False, False, False]
    assert fresh.exists()
    assert kept(blobs) == {sha256}


def test_a_store_that_was_never_written_has_no_garbage(store: JobStore, settings: Settings, tmp_path: Path) -> None:
    found = collect_garbage(store, BlobStore(f"file://{tmp_path}/absent"), settings)
    assert (found.jobs, found.blobs) == ((), ())
    assert not (tmp_path / "absent").exists()


def test_too_many_stored_bytes_refuse_new_jobs(store: JobStore, artifacts: ArtifactStore, settings: Settings) -> None:
    limited = JobStore(settings.database_url, max_stored_bytes=10)
    first, _ = finished(limited, artifacts, b"123456789")
    second, _ = finished(limited, artifacts, b"0")
    with pytest.raises(QuotaExceeded, match=r"10 bytes .* less than 10 \(MHO_MAX_STORED_BYTES\)"):
        limited.create({})
    limited.delete(second)
    limited.create({})
    limited.close()
    assert first in {job.id for job in store.list().jobs}
