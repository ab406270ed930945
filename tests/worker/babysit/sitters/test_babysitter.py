from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.worker.manifests import digest_in_manifest
from tests.worker.nursery import SCRIPT, Nursery
from tests.worker.processes import alive, descendants
from tests.worker.waiting import eventually
from worker.contract import ArtifactStore, JobState, JobStore, Settings


@pytest.fixture
def nursery(store: JobStore, settings: Settings) -> Iterator[Nursery]:
    nursery = Nursery(store, settings)
    yield nursery
    nursery.stopping.set()
    nursery.pool.shutdown()


def staged(settings: Settings) -> list[Path]:
    root = settings.staging_dir
    return list(root.iterdir()) if root.exists() else []


@pytest.mark.parametrize("behaviour", ["succeed", "noisy"])
def test_a_job_that_succeeds(nursery: Nursery, settings: Settings, artifacts: ArtifactStore, behaviour: str) -> None:
    job_id, state = nursery.run(behaviour)
    assert state is JobState.SUCCEEDED
    job = nursery.store.get(job_id)
    assert (job.state, job.attempt, job.fraction) == (JobState.SUCCEEDED, 1, 1.0)
    assert job.result == {"ladder": [{"stage": "float", "accuracy": 0.5}]}
    assert [artifact.name for artifact in nursery.store.artifacts(job_id)] == ["conductances/fc1.csv", "report.json"]
    layer = digest_in_manifest(nursery.store, job_id, "conductances/fc1.csv")
    assert b"".join(artifacts.blobs.read(layer)) == b"1,2\n"
    assert staged(settings) == []


def test_a_job_that_fails_by_itself_is_not_tried_again(
    nursery: Nursery, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    job_id, state = nursery.run("fail")
    assert state is JobState.FAILED
    assert nursery.store.get(job_id).error == {"reason": "TRAINING_FAILED", "detail": "the loss is NaN"}
    assert "Traceback: for the log" in caplog.text
    assert staged(settings) == []


def test_a_success_without_artifacts_is_a_failure(nursery: Nursery) -> None:
    job_id, state = nursery.run("boast")
    assert state is JobState.FAILED
    error = nursery.store.get(job_id).error
    assert error is not None
    assert error["reason"] == "OUTPUT_NOT_WRITABLE"


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("crash", ["SIGSEGV", "about to divide by zero"]),
        ("killed", ["SIGKILL", "memory", "no message"]),
        ("silent", ["exited with status 3"]),
    ],
)
def test_a_crash_is_tried_again_until_attempts_run_out(
    nursery: Nursery, settings: Settings, behaviour: str, words: list[str]
) -> None:
    sitter = nursery.sitter(behaviour, settings=settings.model_copy(update={"max_attempts": 2}))
    job_id = nursery.job()
    assert sitter.run(job_id) is JobState.QUEUED
    assert staged(settings) == []
    assert sitter.run(job_id) is JobState.FAILED
    job = nursery.store.get(job_id)
    assert job.error is not None
    assert job.error["reason"] == "ATTEMPT_CRASHED"
    assert job.attempt == 2
    assert all(word in job.error["detail"] for word in [*words, "attempt 2"])
    assert sitter.run(job_id) is None


@pytest.mark.parametrize("behaviour", ["hang", "deaf", "polite"])
def test_cancelling_a_running_job(nursery: Nursery, settings: Settings, behaviour: str) -> None:
    job_id, future = nursery.start(behaviour)
    assert len(staged(settings)) == 1
    assert nursery.store.request_cancel(job_id).state is JobState.RUNNING
    assert future.result(10) is JobState.CANCELLED
    assert nursery.store.get(job_id).state is JobState.CANCELLED
    assert staged(settings) == []
    assert nursery.store.artifacts(job_id) == ()


def test_cancelling_ends_what_the_training_has_started(nursery: Nursery, tmp_path: Path) -> None:
    job_id, future = nursery.start("parent", str(tmp_path / "pids"))
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert all(alive(pid) for pid in pids)
    nursery.store.request_cancel(job_id)
    assert future.result(10) is JobState.CANCELLED
    eventually(lambda: not any(alive(pid) for pid in pids))


def test_a_child_left_behind_is_ended_and_holds_nothing_up(nursery: Nursery, tmp_path: Path) -> None:
    _, state = nursery.run("leave_child", str(tmp_path / "pid"))
    assert state is JobState.SUCCEEDED
    eventually(lambda: not alive(int((tmp_path / "pid").read_text())))


def test_the_time_limit(nursery: Nursery, settings: Settings) -> None:
    job_id, state = nursery.run("deaf", job_seconds=0.2)
    assert state is JobState.FAILED
    error = nursery.store.get(job_id).error
    assert error is not None
    assert error["reason"] == "TIME_LIMIT"
    assert "0.2 s" in error["detail"]
    assert staged(settings) == []


def test_a_shutdown_hands_the_job_back_without_counting_the_attempt(nursery: Nursery, settings: Settings) -> None:
    job_id, future = nursery.start("deaf")
    nursery.stopping.set()
    assert future.result(10) is JobState.QUEUED
    job = nursery.store.get(job_id)
    assert (job.state, job.attempt, job.epoch, job.fraction) == (JobState.QUEUED, 1, None, 0.0)
    assert staged(settings) == []
    # A worker that is shutting down takes nothing more.
    assert nursery.sitter("succeed").run(job_id) is None
    nursery.stopping.clear()
    # One attempt is allowed to be lost, and none was.
    sitter = nursery.sitter("crash", settings=settings.model_copy(update={"max_attempts": 2}))
    assert sitter.run(job_id) is JobState.QUEUED
    assert nursery.sitter("succeed").run(job_id) is JobState.SUCCEEDED


def test_a_message_that_comes_twice_runs_the_job_once(nursery: Nursery) -> None:
    job_id, future = nursery.start("polite")
    assert nursery.sitter("succeed").run(job_id) is None
    assert nursery.store.get(job_id).attempt == 1
    nursery.store.request_cancel(job_id)
    assert future.result(10) is JobState.CANCELLED
    assert nursery.sitter("succeed").run(job_id) is None
    assert nursery.sitter("succeed").run("no-such-job") is None


def test_a_fenced_attempt_is_ended_and_changes_nothing(
    nursery: Nursery, settings: Settings, artifacts: ArtifactStore
) -> None:
    job_id, future = nursery.start("deaf")
    # As a reconciler does, with a lease that ran out behind the babysitter's back.
    assert nursery.store.retry_or_fail(job_id, 1, 3, {"reason": "WORKER_LOST", "detail": ""}) is JobState.QUEUED
    second = nursery.store.claim(job_id, "another", 60)
    assert second is not None
    assert second.attempt == 2
    other = artifacts.staging(job_id, 2)
    other.mkdir()
    assert future.result(10) is None
    assert nursery.store.get(job_id).state is JobState.RUNNING
    assert other.is_dir()
    assert not (settings.staging_dir / job_id / "1").exists()


def test_a_late_success_does_not_count(nursery: Nursery, artifacts: ArtifactStore) -> None:
    """The attempt loses its job between its success and the change of the row."""
    job_id = nursery.job()
    sitter = nursery.sitter("succeed")

    class Stolen(ArtifactStore):
        def commit(self, job_id: str, attempt: int, *rest: Any) -> Any:
            manifest = super().commit(job_id, attempt, *rest)
            nursery.store.retry_or_fail(job_id, attempt, 3, {"reason": "WORKER_LOST", "detail": ""})
            return manifest

    sitter._artifacts = Stolen(artifacts.blobs, artifacts.root)
    assert sitter.run(job_id) is None
    assert nursery.store.get(job_id).state is JobState.QUEUED
    assert nursery.store.artifacts(job_id) == ()
    assert artifacts.attempts() == ()


def test_artifacts_that_cannot_be_written_fail_the_job(nursery: Nursery, settings: Settings) -> None:
    settings.home.mkdir(exist_ok=True)
    folder = settings.home / "artifacts"
    folder.write_text("a file where the folder should be")
    job_id, state = nursery.run("succeed")
    assert state is JobState.FAILED
    error = nursery.store.get(job_id).error
    assert error is not None
    assert error["reason"] == "OUTPUT_NOT_WRITABLE"
    assert str(folder) in error["detail"]


def test_the_request_and_the_threads_reach_the_training(nursery: Nursery, settings: Settings) -> None:
    job_id, _ = nursery.run("threads", threads=3, device="cpu")
    error = nursery.store.get(job_id).error
    assert error is not None
    seen = json.loads(error["detail"])
    assert seen["omp"] == "3"
    assert seen["request"] == {
        "document": {"kind": "compile"},
        "out": str(settings.staging_dir / job_id / "1" / "out"),
        "device": "cpu",
        "data_dir": None,
        "threads": 3,
        "checkpoints": str(settings.staging_dir / job_id / "1" / "checkpoints"),
        "checkpoint_seconds": 2.0,
        "resume_from": None,
        "memory_bytes": None,
        "blobs_url": settings.artifacts_url,
        "cache_dir": str(settings.home / "cache" / "datasets"),
        "judged": None,
        "offers": str(settings.staging_dir / job_id / "1" / "offers"),
        # There is nothing that could publish shares.
        "share_chips": 0,
    }


def test_a_locked_database_costs_a_heartbeat_and_not_the_job(nursery: Nursery, settings: Settings) -> None:
    job_id, future = nursery.start("polite")
    path = settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # Several heartbeats long: they wait for the lock.
        threading.Event().wait(4 * settings.heartbeat_seconds)
        other.execute("COMMIT")
    nursery.store.request_cancel(job_id)
    assert future.result(10) is JobState.CANCELLED


SITTER = """
import os, sys
from worker.babysit.sitters.babysitter import Babysitter
from worker.contract import JobStore, Settings
settings = Settings(home=sys.argv[1])
parent = os.getpid()
if sys.argv[2] == "forked" and os.fork() > 0:
    os.wait()
else:
    orphaned = (lambda: os.getppid() != parent) if sys.argv[2] == "forked" else (lambda: False)
    store = JobStore(settings.database_url)
    Babysitter(store, settings, "test", orphaned=orphaned, attempt_command=tuple(sys.argv[4:])).run(sys.argv[3])
"""


@pytest.mark.parametrize("kind", ["alone", "forked"])
def test_a_training_dies_with_its_babysitter_and_with_the_parent_of_that(
    nursery: Nursery, settings: Settings, tmp_path: Path, kind: str
) -> None:
    job_id = nursery.job()
    note = tmp_path / "pids"
    attempt = [sys.executable, "-S", str(SCRIPT), "parent", str(note)]
    process = subprocess.Popen([sys.executable, "-c", SITTER, str(settings.home), kind, job_id, *attempt])
    try:
        eventually(note.exists)
        pids = [int(pid) for pid in note.read_text().split()] + list(descendants(process.pid))
        assert all(alive(pid) for pid in pids)
    finally:
        process.kill()
        process.wait()
    eventually(lambda: not any(alive(pid) for pid in pids), 5)
    # No process was left to change the row: the reconciler does it.
    assert nursery.store.get(job_id).state is JobState.RUNNING
