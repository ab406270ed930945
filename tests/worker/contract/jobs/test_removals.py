from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from worker.contract import Artifact, Caller, JobNotFinished, JobNotFound, JobState, JobStore
from worker.contract.database.tables import JOBS, UPLOADS
from worker.contract.jobs.blob_references import BlobUse

pytestmark = pytest.mark.each_database


def artifact(name: str, digit: str, size: int) -> Artifact:
    return Artifact(name, size, digit * 64, "application/json")


def finished(store: JobStore, *artifacts: Artifact) -> str:
    job_id = store.create({"kind": "compile"}).id
    assert store.claim(job_id, "worker", 60) is not None
    assert store.finish(job_id, 1, JobState.SUCCEEDED, artifacts=artifacts)
    return job_id


def test_a_finished_job_goes_with_all_that_hangs_on_it(store: JobStore) -> None:
    job_id, other = finished(store, artifact("a", "a", 1)), finished(store, artifact("a", "b", 1))
    store.delete(job_id)
    for ask in (store.get, store.artifacts, store.delete):
        with pytest.raises(JobNotFound):
            ask(job_id)
    assert store.events(job_id) == ()
    assert store.referenced_blobs() == {"b" * 64}
    assert len(store.artifacts(other)) == 1


def test_a_job_that_still_has_to_run_stays(store: JobStore) -> None:
    job_id = store.create({}).id
    for state in ("queued", "running"):
        with pytest.raises(JobNotFinished, match=f"is {state}; allowed: .* cancel it first"):
            store.delete(job_id)
        store.claim(job_id, "worker", 60)
    assert store.get(job_id).state is JobState.RUNNING


def test_nobody_removes_the_job_of_another(store: JobStore) -> None:
    job_id = finished(store)
    with pytest.raises(JobNotFound):
        store.seen_by(Caller("another", frozenset())).delete(job_id)
    store.get(job_id)


def test_jobs_are_old_from_their_end_on(store: JobStore) -> None:
    old, _young, _running = finished(store), finished(store), store.create({}).id
    with store._database.write() as connection:
        values = {"finished_at": datetime.now(UTC) - timedelta(days=8)}
        connection.execute(update(JOBS).where(JOBS.c.id == old).values(values))
    assert [job_id for job_id, _ in store.finished_before(timedelta(days=7))] == [old]
    assert store.finished_before(timedelta(days=9)) == ()


def test_what_is_referred_to_and_its_bytes(store: JobStore) -> None:
    assert (store.referenced_blobs(), store.stored_bytes()) == (frozenset(), 0)
    first = finished(store, artifact("a", "a", 10), artifact("again", "a", 10), artifact("b", "b", 3_000_000_000))
    second = finished(store, artifact("a", "a", 10))
    waiting = store.create({}).id
    with store._database.write() as connection:
        dataset = {"name": "x", "sha256": "d" * 64, "size": 5, "description": {}, "created_at": datetime.now(UTC)}
        connection.execute(insert(UPLOADS).values(id="1", kind="dataset", **dataset))
        checkpoint = {"sha256": "c" * 64, "size": 7}
        connection.execute(update(JOBS).where(JOBS.c.id == waiting).values(checkpoint=checkpoint))
    assert store.referenced_blobs() == {digit * 64 for digit in "abcd"}
    assert [digit for digit in "abcdef" if store.refers_to(digit * 64)] == list("abcd")
    assert store.uses_of("a" * 64) == (
        BlobUse("artifact", first, "a"), BlobUse("artifact", first, "again"), BlobUse("artifact", second, "a"),
    )  # fmt: skip
    assert store.uses_of("c" * 64) == (BlobUse("checkpoint", waiting),)
    assert store.uses_of("d" * 64) == (BlobUse("dataset", "1"),)
    assert store.uses_of("e" * 64) == ()
    assert store.stored_bytes() == 3_000_000_015


def test_the_checkpoint_of_a_job_is_referred_to_until_the_job_has_ended(store: JobStore) -> None:
    job_id = store.create({}).id
    assert store.claim(job_id, "worker", 60) is not None
    assert store.keep_checkpoint(
        job_id, 1, {"sha256": "c" * 64, "size": 7, "stage": "float", "epoch": 1, "reached": [1, 1]}
    )
    assert (store.refers_to("c" * 64), store.refers_to("d" * 64)) == (True, False)
    assert store.hand_back(job_id, 1) is JobState.QUEUED
    assert store.refers_to("c" * 64)
    assert store.claim(job_id, "worker", 60) is not None
    assert store.finish(job_id, 2, JobState.SUCCEEDED)
    assert not store.refers_to("c" * 64)
