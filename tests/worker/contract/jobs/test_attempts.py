"""Attempts of a job: which of them count as lost, by what they kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from worker.contract import JobState, JobStore
from worker.contract.database.tables import JOBS

pytestmark = pytest.mark.each_database

DOCUMENT = {"kind": "compile", "hardware": "ideal", "dataset": "digits"}
CRASHED = {"reason": "ATTEMPT_CRASHED", "detail": "SIGKILL"}


def test_attempts_that_die_are_counted(store: JobStore) -> None:
    job = store.create(DOCUMENT)
    states, counted = [], []
    for attempt in (1, 2, 3):
        assert store.claim(job.id, "worker", 60) is not None
        states.append(store.retry_or_fail(job.id, attempt, 3, CRASHED))
        counted.append(store.get(job.id).attempts_without_progress)
    assert states == [JobState.QUEUED, JobState.QUEUED, JobState.FAILED]
    assert counted == [1, 2, 3]
    assert store.get(job.id).error == CRASHED


def checkpoint(epoch: int) -> dict[str, Any]:
    return {"sha256": "ab" * 32, "size": 1, "stage": "float", "epoch": epoch, "reached": [1, epoch]}


KEPT: dict[str, Callable[[JobStore, str, int], object]] = {
    "a checkpoint": lambda store, job_id, attempt: store.keep_checkpoint(job_id, attempt, checkpoint(attempt)),
    "a chip": lambda store, job_id, attempt: store.keep_judged_chips(
        job_id, attempt, "cd" * 32, {f"drift.{attempt}": [1]}
    ),
}


@pytest.mark.parametrize("what", KEPT)
def test_an_attempt_that_kept_something_new_does_not_count(store: JobStore, what: str) -> None:
    job = store.create(DOCUMENT)
    for attempt in range(1, 8):
        # As a laptop that sleeps beyond its lease, again and again.
        assert store.claim(job.id, "laptop", 0) is not None
        assert KEPT[what](store, job.id, attempt)
        assert store.recover_dead_leases(2) == (job.id,)
        assert store.get(job.id).attempts_without_progress == 0
    # Kept again is nothing new; what was lost before counts until something new is kept.
    for again, expected in ((True, 1), (False, 0), (True, 1), (True, 2)):
        number = store.get(job.id).attempt + 1
        assert store.claim(job.id, "laptop", 0) is not None
        KEPT[what](store, job.id, number) if not again else None
        assert store.recover_dead_leases(2) == (job.id,)
        assert store.get(job.id).attempts_without_progress == expected
    assert store.get(job.id).state is JobState.FAILED


def is_progress(store: JobStore, job_id: str, reached: list[int]) -> bool:
    """Whether a checkpoint counts as something new, told by an attempt that keeps it and dies."""
    job = store.claim(job_id, "worker", 60)
    assert job is not None
    kept = {"sha256": "ab" * 32, "size": 1, "stage": "any", "epoch": reached[-1], "reached": reached}
    assert store.keep_checkpoint(job_id, job.attempt, kept)
    assert store.retry_or_fail(job_id, job.attempt, 100, CRASHED) is JobState.QUEUED
    return store.get(job_id).attempts_without_progress == 0


def test_checkpoints_are_compared_by_what_their_training_says(store: JobStore) -> None:
    job_id = store.create(DOCUMENT).id
    told = [([0, 3], True), ([0, 3], False), ([0, 2], False), ([1, 1], True), ([0, 9], False), ([1, 1], False)]
    # A job with points, stages and epochs.
    told += [([1, 1, 0], True), ([1, 1, 4], True), ([1, 1, 3], False), ([2, 0, 1], True)]
    assert [is_progress(store, job_id, reached) for reached, _ in told] == [progress for _, progress in told]
    checkpoint = store.get(job_id).checkpoint
    assert checkpoint is not None
    assert (checkpoint["reached"], checkpoint["furthest"]) == ([2, 0, 1], [2, 0, 1])


@pytest.mark.parametrize(
    ("left", "reached", "progress"),
    [
        ({"furthest": [2, 3]}, [2, 3], False),
        ({"furthest": [2, 3]}, [1, 9], False),
        ({"furthest": [2, 3]}, [2, 4], True),
        ({}, [1, 1], True),
    ],
)
def test_checkpoints_of_earlier_versions_are_compared(
    store: JobStore, left: dict[str, Any], reached: list[int], progress: bool
) -> None:
    job_id = store.create(DOCUMENT).id
    earlier = {"sha256": "ab" * 32, "size": 1, "stage": "hardware_aware", "epoch": 3, **left}
    with store._database.write() as connection:
        connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(checkpoint=earlier))
    assert is_progress(store, job_id, reached) is progress


def test_attempts_that_are_handed_back_are_not(store: JobStore) -> None:
    job = store.create(DOCUMENT)
    for attempt in (1, 2, 3, 4):
        assert store.claim(job.id, "worker", 60) is not None
        assert store.hand_back(job.id, attempt) is JobState.QUEUED
    store.claim(job.id, "worker", 60)
    assert store.retry_or_fail(job.id, 5, 2, CRASHED) is JobState.QUEUED
