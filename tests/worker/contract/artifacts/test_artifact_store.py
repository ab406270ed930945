from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from worker.contract import Artifact, ArtifactStore, BlobStore, BlobStoreUnavailable, JobNotFound
from worker.contract.blobs.blob_url import url_of_folder
from worker.contract.ids import new_id


@pytest.fixture
def job_id() -> str:
    return new_id()


def stage(artifacts: ArtifactStore, job_id: str, attempt: int, **files: str) -> Path:
    out = artifacts.staging(job_id, attempt)
    (out / "folder").mkdir(parents=True)
    for name, content in files.items():
        (out / name.replace("__", "/").replace("_", ".")).write_text(content)
    return out


def test_an_attempt_gets_a_free_path_in_a_folder_of_its_own(artifacts: ArtifactStore, job_id: str) -> None:
    out = artifacts.staging(job_id, 1)
    assert not out.exists()
    assert list(out.parent.iterdir()) == []
    (out.parent / ".half").mkdir()
    # Asked again, what an earlier start left is gone.
    assert list(artifacts.staging(job_id, 1).parent.iterdir()) == []


def test_committed_files_are_listed_and_kept(artifacts: ArtifactStore, job_id: str) -> None:
    stage(artifacts, job_id, 1, report_json="{}", folder__fc1_csv="1,2\n", other="?")
    manifest = artifacts.commit(job_id, 1)
    assert manifest == (
        Artifact("folder/fc1.csv", 4, hashlib.sha256(b"1,2\n").hexdigest(), "text/csv; charset=utf-8"),
        Artifact("other", 1, hashlib.sha256(b"?").hexdigest(), "application/octet-stream"),
        Artifact("report.json", 2, hashlib.sha256(b"{}").hexdigest(), "application/json"),
    )
    assert [b"".join(artifacts.blobs.read(each.sha256)) for each in manifest] == [b"1,2\n", b"?", b"{}"]
    assert not (artifacts.root / job_id).exists()


def test_pictures_and_netlists_in_their_folders(artifacts: ArtifactStore, job_id: str) -> None:
    out = artifacts.staging(job_id, 1)
    for name, content in {"plots/ladder.svg": "<svg/>", "netlist/fc1_0_0.sp": "* tile"}.items():
        (out / name).parent.mkdir(parents=True)
        (out / name).write_text(content)
    manifest = {artifact.name: artifact.media_type for artifact in artifacts.commit(job_id, 1)}
    assert manifest == {"netlist/fc1_0_0.sp": "text/plain; charset=utf-8", "plots/ladder.svg": "image/svg+xml"}


def test_attempts_do_not_touch_each_other(artifacts: ArtifactStore, job_id: str) -> None:
    stage(artifacts, job_id, 1, report_json="late")
    stage(artifacts, job_id, 2, report_json="right")
    (right,) = artifacts.commit(job_id, 2)
    assert artifacts.attempts() == ((job_id, 1),)
    (late,) = artifacts.commit(job_id, 1)
    assert b"".join(artifacts.blobs.read(right.sha256)) == b"right"
    assert late.sha256 != right.sha256


def test_a_link_is_not_committed(artifacts: ArtifactStore, job_id: str) -> None:
    out = stage(artifacts, job_id, 1)
    (out / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(BlobStoreUnavailable, match="symbolic links"):
        artifacts.commit(job_id, 1)
    assert list(artifacts.blobs.list()) == []


def test_an_attempt_that_has_left_nothing(artifacts: ArtifactStore, job_id: str) -> None:
    artifacts.staging(job_id, 1)
    with pytest.raises(FileNotFoundError, match="no folder"):
        artifacts.commit(job_id, 1)


@pytest.mark.parametrize("bad", ["..", "../..", "sha256", "", "x", "/"])
def test_ids_that_are_none(artifacts: ArtifactStore, bad: str) -> None:
    for ask in (artifacts.staging, artifacts.discard, artifacts.commit):
        with pytest.raises(JobNotFound, match="allowed: a UUID"):
            ask(bad, 1)


def test_orphans_go_and_wanted_attempts_stay(artifacts: ArtifactStore) -> None:
    wanted, staged = new_id(), new_id()
    for job_id, attempt in ((wanted, 2), (wanted, 3), (staged, 1)):
        stage(artifacts, job_id, attempt)
    (artifacts.root / "README").write_text("not a job's")
    (artifacts.root / "notes").mkdir()
    candidates = artifacts.attempts()
    assert set(candidates) == {(wanted, 2), (wanted, 3), (staged, 1)}
    started_since = new_id()
    stage(artifacts, started_since, 1)
    assert artifacts.remove_orphans({(wanted, 2)}, candidates) == 2
    assert set(artifacts.attempts()) == {(wanted, 2), (started_since, 1)}
    assert {path.name for path in artifacts.root.iterdir()} == {"README", "notes", wanted, started_since}


def test_a_folder_that_cannot_be_written(tmp_path: Path, job_id: str) -> None:
    (tmp_path / "file").write_text("")
    store = ArtifactStore(BlobStore(url_of_folder(tmp_path / "blobs")), tmp_path / "file")
    with pytest.raises(OSError, match="Not a directory"):
        store.staging(job_id, 1)


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    assert ArtifactStore(BlobStore(url_of_folder(tmp_path / "absent")), tmp_path / "staging").attempts() == ()
    assert os.listdir(tmp_path) == []
