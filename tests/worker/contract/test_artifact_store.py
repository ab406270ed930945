from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from worker.contract import Artifact, ArtifactLost, ArtifactStore
from worker.contract.job_id import new_job_id


@pytest.fixture
def job_id() -> str:
    return new_job_id()


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


def test_committed_files_are_listed_and_found(artifacts: ArtifactStore, job_id: str) -> None:
    out = stage(artifacts, job_id, 1, report_json="{}", folder__fc1_csv="1,2\n", other="?")
    manifest = artifacts.commit(job_id, 1)
    assert manifest == (
        Artifact("folder/fc1.csv", 4, hashlib.sha256(b"1,2\n").hexdigest(), "text/csv; charset=utf-8"),
        Artifact("other", 1, hashlib.sha256(b"?").hexdigest(), "application/octet-stream"),
        Artifact("report.json", 2, hashlib.sha256(b"{}").hexdigest(), "application/json"),
    )
    assert artifacts.path(job_id, 1, "folder/fc1.csv").read_text() == "1,2\n"
    assert not out.exists()
    assert not (artifacts.root / ".staging" / job_id).exists()


def test_pictures_and_netlists_in_their_folders(artifacts: ArtifactStore, job_id: str) -> None:
    out = artifacts.staging(job_id, 1)
    for name, content in {"plots/ladder.svg": "<svg/>", "netlist/fc1_0_0.sp": "* tile"}.items():
        (out / name).parent.mkdir(parents=True)
        (out / name).write_text(content)
    manifest = {artifact.name: artifact.media_type for artifact in artifacts.commit(job_id, 1)}
    assert manifest == {"netlist/fc1_0_0.sp": "text/plain; charset=utf-8", "plots/ladder.svg": "image/svg+xml"}
    assert artifacts.path(job_id, 1, "plots/ladder.svg").read_text() == "<svg/>"
    for outside in ("plots/../../../x", "../x", "/etc/passwd", "plots/..", "", "plots"):
        with pytest.raises(ArtifactLost):
            artifacts.path(job_id, 1, outside)


def test_attempts_do_not_touch_each_other(artifacts: ArtifactStore, job_id: str) -> None:
    stage(artifacts, job_id, 1, report_json="late")
    stage(artifacts, job_id, 2, report_json="right")
    artifacts.commit(job_id, 2)
    artifacts.commit(job_id, 1)
    assert artifacts.path(job_id, 2, "report.json").read_text() == "right"
    artifacts.withdraw(job_id, 1)
    assert artifacts.attempts() == ((job_id, 2),)


def test_a_link_is_not_committed(artifacts: ArtifactStore, job_id: str) -> None:
    out = stage(artifacts, job_id, 1)
    (out / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        artifacts.commit(job_id, 1)
    assert not (artifacts.root / job_id).exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "", ".", "folder/../../x", "\0", "folder", "absent"]
)
def test_names_that_are_no_file_of_the_job(artifacts: ArtifactStore, job_id: str, name: str) -> None:
    stage(artifacts, job_id, 1, report_json="{}")
    artifacts.commit(job_id, 1)
    with pytest.raises(ArtifactLost):
        artifacts.path(job_id, 1, name)


@pytest.mark.parametrize("bad", ["..", "../..", ".staging", "", "x", "/"])
def test_ids_that_are_none(artifacts: ArtifactStore, bad: str) -> None:
    for ask in (artifacts.staging, artifacts.discard, artifacts.commit, artifacts.withdraw):
        with pytest.raises(ArtifactLost, match="allowed: a UUID"):
            ask(bad, 1)


def test_orphans_go_and_wanted_attempts_stay(artifacts: ArtifactStore) -> None:
    wanted, staged, committed = new_job_id(), new_job_id(), new_job_id()
    stage(artifacts, wanted, 2, report_json="{}")
    artifacts.commit(wanted, 2)
    stage(artifacts, wanted, 3)
    stage(artifacts, staged, 1)
    stage(artifacts, committed, 1)
    artifacts.commit(committed, 1)
    (artifacts.root / "README").write_text("not a job's")
    (artifacts.root / "notes").mkdir()
    candidates = artifacts.attempts()
    assert set(candidates) == {(wanted, 2), (wanted, 3), (staged, 1), (committed, 1)}
    started_since = new_job_id()
    stage(artifacts, started_since, 1)
    assert artifacts.remove_orphans({(wanted, 2)}, candidates) == 3
    assert set(artifacts.attempts()) == {(wanted, 2), (started_since, 1)}
    assert {path.name for path in artifacts.root.iterdir()} == {"README", "notes", ".staging", wanted}


def test_a_folder_that_cannot_be_written(tmp_path: Path, job_id: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Not a directory"):
        ArtifactStore(tmp_path / "file").staging(job_id, 1)


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    assert ArtifactStore(tmp_path / "absent").attempts() == ()
    assert os.listdir(tmp_path) == []
