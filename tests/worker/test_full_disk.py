"""Real faults of the artifacts' disk while a job hands in its files: full, and read-only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.live_server import live_server, problem_of, settings_for
from worker.babysit.sitters.babysitter import Babysitter
from worker.contract import ArtifactStore, Job, JobState, JobStore, Settings

SCRIPT = Path(__file__).with_name("pretended_attempt.py")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=128k", "mho-tests", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a disk for this test cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def settings(tmp_path: Path, disk: Path) -> Settings:
    return settings_for(tmp_path / "home", artifacts_url=f"file://{disk}/artifacts", threads=1, store_seconds=0.0)


def run(jobs: JobStore, settings: Settings, behaviour: str) -> Job:
    command = (sys.executable, "-S", str(SCRIPT), behaviour)
    job_id = jobs.create({"kind": "compile"}).id
    Babysitter(jobs, settings, "test", attempt_command=command).run(job_id)
    return jobs.get(job_id)


def detail_of(job: Job) -> str:
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error["reason"] == "OUTPUT_NOT_WRITABLE"
    return str(job.error["detail"])


def files(folder: Path) -> list[int]:
    """List the sizes of all files below the folder."""
    return sorted(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_disk_that_fills_up_fails_the_job_and_nothing_is_left_half(settings: Settings, disk: Path) -> None:
    with live_server(settings) as server:
        job = run(server.jobs, settings, "bulky")
        detail = detail_of(job)
        assert "No space left on device" in detail
        assert "MHO_ARTIFACTS_URL" in detail
        # The small file was stored and belongs to nobody; of the large one there is nothing.
        assert files(disk) == [4096]
        assert server.jobs.artifacts(job.id) == ()
        problem_of(server.http.get(f"/v1/jobs/{job.id}/artifacts"), 409, "JOB_NOT_SUCCEEDED")
        assert ArtifactStore.of(settings).attempts() == ()
        # With space again it works, without a restart.
        assert run(server.jobs, settings, "succeed").state is JobState.SUCCEEDED


def test_a_full_disk_is_reported_and_the_service_goes_on(settings: Settings, disk: Path) -> None:
    with live_server(settings) as server:
        with pytest.raises(OSError, match="No space left"):
            (disk / "filler").write_bytes(b"x" * 200_000)
        assert "No space left" in detail_of(run(server.jobs, settings, "succeed"))
        assert files(disk / "artifacts") == []
        assert server.http.get("/healthz").status_code == 200
        assert "No space left" in server.http.get("/readyz").json()["dependencies"]["artifacts"]
        (disk / "filler").unlink()
        assert server.http.get("/readyz").json()["dependencies"]["artifacts"] == "ok"


def test_a_disk_that_became_read_only(settings: Settings, disk: Path) -> None:
    with live_server(settings) as server:
        before = run(server.jobs, settings, "succeed")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert "Read-only file system" in detail_of(run(server.jobs, settings, "bulky"))
        assert "Read-only file system" in server.http.get("/readyz").json()["dependencies"]["artifacts"]
        assert server.http.get(f"/v1/jobs/{before.id}/artifacts/report.json").content == b'{"ladder": []}'
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert run(server.jobs, settings, "succeed").state is JobState.SUCCEEDED
