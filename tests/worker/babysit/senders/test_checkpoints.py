"""Checkpoints and judged chips on their way from one attempt to the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.worker.nursery import Nursery
from tests.worker.waiting import eventually
from worker.contract import BlobStore, JobState, JobStore, Settings


@pytest.fixture
def nursery(store: JobStore, settings: Settings) -> Iterator[Nursery]:
    nursery = Nursery(store, settings)
    yield nursery
    nursery.stopping.set()
    nursery.pool.shutdown()


@pytest.fixture
def blobs(settings: Settings) -> BlobStore:
    return BlobStore(settings.artifacts_url)


def kept(nursery: Nursery, blobs: BlobStore, job_id: str) -> tuple[int, bytes]:
    """Read epoch and bytes of the checkpoint of a job."""
    checkpoint = nursery.store.get(job_id).checkpoint
    assert checkpoint is not None
    content = b"".join(blobs.read(checkpoint["sha256"]))
    assert (checkpoint["stage"], checkpoint["size"]) == ("float", len(content))
    return checkpoint["epoch"], content


def resumed_from(nursery: Nursery, job_id: str) -> str:
    """Run the next attempt, which ends the job, to what it goes on from."""
    assert nursery.sitter("tell_earlier").run(job_id) is JobState.FAILED
    error = nursery.store.get(job_id).error
    assert error is not None
    return str(error["detail"])


def test_the_next_attempt_goes_on_from_what_a_crashed_one_kept(nursery: Nursery, blobs: BlobStore) -> None:
    job_id = nursery.job()
    assert nursery.sitter("keep_and_crash", "1").run(job_id) is JobState.QUEUED
    assert kept(nursery, blobs, job_id) == (1, b"[1]")
    assert nursery.sitter("keep_and_crash", "2").run(job_id) is JobState.QUEUED
    assert kept(nursery, blobs, job_id) == (2, b"[1][2]")
    # Only the newest is of use.
    assert len(list(blobs.list())) == 1
    assert resumed_from(nursery, job_id) == "[1][2]"
    # And none to a job that has ended.
    assert nursery.store.get(job_id).checkpoint is None
    assert list(blobs.list()) == []


def test_attempts_count_that_keep_no_checkpoint(nursery: Nursery, settings: Settings) -> None:
    twice = settings.model_copy(update={"max_attempts": 2})
    job_id = nursery.job()
    for epoch in range(1, 5):
        assert nursery.sitter("keep_and_crash", str(epoch), settings=twice).run(job_id) is JobState.QUEUED
    # An attempt that gets no further counts.
    assert nursery.sitter("crash", settings=twice).run(job_id) is JobState.QUEUED
    assert nursery.sitter("crash", settings=twice).run(job_id) is JobState.FAILED


def test_judged_chips_come_to_the_next_attempt(nursery: Nursery, settings: Settings) -> None:
    twice = settings.model_copy(update={"max_attempts": 2})
    job_id = nursery.job()
    for chip in range(4):
        assert nursery.sitter("judge_and_crash", settings=twice).run(job_id) is JobState.QUEUED
        assert nursery.store.judged_chips(job_id) == {"ab" * 32: {f"drift.{each}": [each] for each in range(chip + 1)}}
    assert nursery.store.get(job_id).attempts_without_progress == 0
    assert nursery.sitter("crash", settings=twice).run(job_id) is JobState.QUEUED
    assert nursery.store.get(job_id).attempts_without_progress == 1


def test_chips_are_kept_while_the_attempt_goes_on_and_go_with_the_job(nursery: Nursery) -> None:
    job_id, future = nursery.start("judge_and_hang")
    eventually(lambda: nursery.store.judged_chips(job_id))
    assert nursery.store.judged_chips(job_id) == {"ab" * 32: {"drift.0": [0], "drift.1": [1]}}
    nursery.store.request_cancel(job_id)
    assert future.result(20) is JobState.CANCELLED
    assert nursery.store.judged_chips(job_id) == {}


def test_a_worker_that_stops_hands_over(nursery: Nursery, blobs: BlobStore) -> None:
    job_id, future = nursery.start("keep_and_hang")
    nursery.stopping.set()
    assert future.result(20) is JobState.QUEUED
    assert kept(nursery, blobs, job_id) == (3, b"[3]")
    nursery.stopping.clear()
    assert resumed_from(nursery, job_id) == "[3]"


def test_a_training_that_does_not_hand_over_in_time_is_killed(nursery: Nursery, settings: Settings) -> None:
    nursery.settings = settings.model_copy(update={"handover_seconds": 0.3})
    job_id, future = nursery.start("deaf")
    nursery.stopping.set()
    assert future.result(20) is JobState.QUEUED
    assert nursery.store.get(job_id).checkpoint is None


def test_a_checkpoint_is_there_while_the_attempt_goes_on(nursery: Nursery, blobs: BlobStore) -> None:
    job_id, future = nursery.start("keep_and_hang")
    eventually(lambda: nursery.store.get(job_id).checkpoint)
    assert kept(nursery, blobs, job_id) == (1, b"[1]")
    nursery.store.request_cancel(job_id)
    assert future.result(20) is JobState.CANCELLED
    assert list(blobs.list()) == []


@pytest.mark.parametrize("damage", ["lost", "damaged"])
def test_a_lost_checkpoint_costs_time_and_nothing_else(nursery: Nursery, blobs: BlobStore, damage: str) -> None:
    job_id = nursery.job()
    nursery.sitter("keep_and_crash", "1").run(job_id)
    checkpoint = nursery.store.get(job_id).checkpoint
    assert checkpoint is not None
    path = blobs.local_path(checkpoint["sha256"])
    assert path is not None
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(b"[2]")
    assert resumed_from(nursery, job_id) == "nothing"


def test_beginning_anew_is_no_progress(nursery: Nursery, settings: Settings) -> None:
    twice = settings.model_copy(update={"max_attempts": 2})
    job_id = nursery.job()
    assert nursery.sitter("keep_and_crash", "5", settings=twice).run(job_id) is JobState.QUEUED
    # An attempt that comes no further than one before counts as lost.
    assert nursery.sitter("keep_and_crash", "4", settings=twice).run(job_id) is JobState.QUEUED
    assert nursery.sitter("keep_and_crash", "4", settings=twice).run(job_id) is JobState.FAILED


def test_a_store_that_is_away_does_not_cost_the_checkpoint(
    nursery: Nursery, settings: Settings, blobs: BlobStore
) -> None:
    job_id = nursery.job()
    nursery.sitter("keep_and_crash", "1").run(job_id)
    assert blobs.folder is not None
    away = blobs.folder.with_name("away")
    blobs.folder.rename(away)
    blobs.folder.write_text("no folder")
    assert nursery.sitter("tell_earlier").run(job_id) is JobState.QUEUED
    blobs.folder.unlink()
    away.rename(blobs.folder)
    assert resumed_from(nursery, job_id) == "[1]"


def test_artifacts_wait_for_a_store_that_comes_back(nursery: Nursery, settings: Settings, blobs: BlobStore) -> None:
    assert blobs.folder is not None
    blobs.folder.parent.mkdir(parents=True, exist_ok=True)
    blobs.folder.write_text("no folder")
    patient = settings.model_copy(update={"store_seconds": 60.0})
    job_id = nursery.job()
    future = nursery.pool.submit(nursery.sitter("succeed", settings=patient).run, job_id)
    eventually(lambda: nursery.store.get(job_id).fraction == 0.5)
    blobs.folder.unlink()
    assert future.result(30) is JobState.SUCCEEDED
    assert {each.name for each in nursery.store.artifacts(job_id)} == {"report.json", "conductances/fc1.csv"}


def test_a_fenced_attempt_keeps_none(nursery: Nursery, store: JobStore) -> None:
    job_id = nursery.job()
    assert store.claim(job_id, "first", 60) is not None
    assert (
        store.keep_checkpoint(
            job_id, 2, {"sha256": "0" * 64, "size": 0, "stage": "float", "epoch": 1, "reached": [1, 1]}
        )
        is False
    )
    assert store.get(job_id).checkpoint is None


def test_equal_jobs_share_a_checkpoint_and_do_not_take_it_from_each_other(nursery: Nursery, blobs: BlobStore) -> None:
    one, other = nursery.job(), nursery.job()
    for job_id in (one, other):
        nursery.sitter("keep_and_crash", "1").run(job_id)
    assert resumed_from(nursery, one) == "[1]"
    assert kept(nursery, blobs, other) == (1, b"[1]")
