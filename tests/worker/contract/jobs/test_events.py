"""Every change of a job leaves its event, in order, in the same transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hwcore.progress import Progress
from tests.worker.waiting import eventually
from worker.contract import FINAL_KINDS, EventKind, JobAlreadyFinished, JobState, JobStore, Settings
from worker.contract.database.database import Database
from worker.contract.jobs.events import MOST_PROGRESS, events_after
from worker.contract.jobs.job_rows import fetch
from worker.contract.jobs.transitions import move

pytestmark = pytest.mark.each_database

DOCUMENT = {"kind": "compile", "hardware": "ideal", "dataset": "digits"}
STEP = Progress("float", 3, 10, 0.25, "loss 0.1", 12.5)
LOST = {"reason": "WORKER_LOST", "detail": "silent"}


def kinds(store: JobStore, job_id: str, after: int = 0) -> list[str]:
    return [event.kind.value for event in store.events(job_id, after)]


def test_the_events_of_a_job_from_beginning_to_end(store: JobStore) -> None:
    job_id = store.create(DOCUMENT).id
    store.claim(job_id, "worker", 60)
    store.heartbeat(job_id, 1, 60, STEP)
    store.heartbeat(job_id, 1, 60)
    store.finish(job_id, 1, JobState.SUCCEEDED, result={"ladder": []})
    found = store.events(job_id)
    assert [event.kind for event in found] == ["queued", "started", "progress", "succeeded"]
    assert [event.data["attempt"] for event in found] == [0, 1, 1, 1]
    progress = {"stage": "float", "epoch": 3, "epochs": 10, "fraction": 0.25, "message": "loss 0.1"}
    assert found[2].data == {"attempt": 1, "seconds_left": 12.5, **progress}
    assert [event.final for event in found] == [False, False, False, True]
    assert [event.id for event in found] == sorted({event.id for event in found})
    assert [event.at for event in found] == sorted(event.at for event in found)
    assert {event.job_id for event in found} == {job_id}


def test_a_job_that_fails_says_why(store: JobStore) -> None:
    job_id = store.create(DOCUMENT).id
    for attempt in (1, 2):
        store.claim(job_id, "worker", 60)
        store.retry_or_fail(job_id, attempt, 2, LOST)
    assert kinds(store, job_id) == ["queued", "started", "requeued", "started", "failed"]
    assert store.events(job_id)[-1].data == {"attempt": 2, "error": LOST}


def test_cancelling_is_told_once(store: JobStore) -> None:
    job_id = store.create(DOCUMENT).id
    store.claim(job_id, "worker", 60)
    store.request_cancel(job_id)
    store.request_cancel(job_id)
    store.finish(job_id, 1, JobState.CANCELLED)
    with pytest.raises(JobAlreadyFinished):
        store.request_cancel(job_id)
    assert kinds(store, job_id) == ["queued", "started", "cancel_requested", "cancelled"]
    waiting = store.create(DOCUMENT).id
    store.request_cancel(waiting)
    assert kinds(store, waiting) == ["queued", "cancelled"]


def test_cancelling_is_told_once_where_two_ask_at_once(settings: Settings, store: JobStore) -> None:
    """Both are held before the row of the job until both have come."""
    job_id = store.create(DOCUMENT).id
    store.claim(job_id, "worker", 60)
    others = JobStore(settings.database_url)
    with ThreadPoolExecutor(2) as pool:
        with store._database.write() as connection:
            fetch(connection, job_id, lock=True)
            asked = [pool.submit(others.request_cancel, job_id) for _ in range(2)]
            if connection.dialect.name == "postgresql":
                here = "wait_event_type = 'Lock' AND datname = current_database()"
                waiting = text(f"SELECT count(*) FROM pg_stat_activity WHERE {here}")
                # What it tells stays the same within a transaction.
                forget = text("SELECT pg_stat_clear_snapshot()")
                eventually(lambda: connection.execute(forget) and connection.scalar(waiting) == 2)
        assert [each.result(20).cancel_requested for each in asked] == [True, True]
    others.close()
    assert kinds(store, job_id) == ["queued", "started", "cancel_requested"]


def test_what_does_not_happen_is_not_told(store: JobStore) -> None:
    job_id = store.create(DOCUMENT).id
    store.claim(job_id, "worker", 60)
    assert store.claim(job_id, "another", 60) is None
    assert store.heartbeat(job_id, 2, 60, STEP) is None
    assert not store.finish(job_id, 2, JobState.FAILED, error=LOST)
    assert kinds(store, job_id) == ["queued", "started"]


def test_a_change_that_is_rolled_back_leaves_no_event(store: JobStore, settings: Settings) -> None:
    job_id = store.create(DOCUMENT).id
    database = Database(settings.database_url)

    def broken() -> None:
        with database.write() as connection:
            assert move(connection, job_id, JobState.CANCELLED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    database.close()
    assert kinds(store, job_id) == ["queued"]


def test_the_newest_progress_is_kept(store: JobStore) -> None:
    other = store.create(DOCUMENT).id
    store.claim(other, "worker", 60)
    store.heartbeat(other, 1, 60, STEP)
    job_id = store.create(DOCUMENT).id
    store.claim(job_id, "worker", 60)
    for epoch in range(MOST_PROGRESS + 4):
        store.heartbeat(job_id, 1, 60, Progress("float", epoch, 1000, epoch / 1000, ""))
    found = store.events(job_id)
    assert [event.data.get("epoch") for event in found] == [None, None, *range(4, MOST_PROGRESS + 4)]
    assert kinds(store, other) == ["queued", "started", "progress"]


def test_reading_goes_on_after_an_event(store: JobStore, settings: Settings) -> None:
    job_id = store.create(DOCUMENT).id
    store.claim(job_id, "worker", 60)
    store.finish(job_id, 1, JobState.FAILED, error=LOST)
    database = Database(settings.database_url)
    with database.read() as connection:
        first = events_after(connection, job_id, 0, most=2)
    database.close()
    assert [event.kind for event in first] == ["queued", "started"]
    assert kinds(store, job_id, first[-1].id) == ["failed"]
    assert kinds(store, job_id, store.newest_events({job_id})[job_id]) == []


def test_the_newest_of_many(store: JobStore) -> None:
    ids = [store.create(DOCUMENT).id for _ in range(3)]
    newest = store.newest_events({*ids, "nobody"})
    assert newest == {job_id: store.events(job_id)[-1].id for job_id in ids}
    assert store.newest_events(()) == {}


def test_a_reader_that_remembers_the_last_id_misses_nothing(store: JobStore, settings: Settings) -> None:
    """Two writers change one job at once; whoever reads meanwhile sees every event once and in order."""
    job_id = store.create(DOCUMENT).id
    store.claim(job_id, "worker", 60)
    seen: list[int] = []

    def write(count: int) -> None:
        own = JobStore(settings.database_url)
        for step in range(count):
            assert own.heartbeat(job_id, 1, 60, Progress("float", step, None, 0.5, "")) is not None
        own.close()

    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, 30) for _ in range(2)]
        while True:
            ended = all(writer.done() for writer in writers)
            seen += [event.id for event in store.events(job_id, seen[-1] if seen else 0)]
            if ended:
                break
    for writer in writers:
        writer.result()
    assert seen == [event.id for event in store.events(job_id)]
    assert len(seen) == 2 + 60


def test_every_final_state_has_a_final_event() -> None:
    assert {EventKind.SUCCEEDED, EventKind.FAILED, EventKind.CANCELLED} == FINAL_KINDS
