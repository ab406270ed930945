from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from itertools import product

import pytest

from hwcore.errors import InvalidInput
from hwcore.progress import Progress
from worker.contract import (
    FINAL,
    TRANSITIONS,
    Artifact,
    Job,
    JobAlreadyFinished,
    JobFilter,
    JobNotFound,
    JobState,
    JobStore,
    QuotaExceeded,
    Settings,
    StoreUnavailable,
)
from worker.contract.database.database import Database
from worker.contract.jobs.transitions import move

pytestmark = pytest.mark.each_database

DOCUMENT = {"kind": "compile", "hardware": "ideal", "dataset": "digits", "nested": {"list": [1, 2.5, None, "µS"]}}
REPORT = Artifact("report.json", 12, "ab" * 32, "application/json")
CRASHED = {"reason": "ATTEMPT_CRASHED", "detail": "SIGKILL"}


def running(store: JobStore, lease_seconds: float = 60) -> Job:
    job = store.claim(store.create(DOCUMENT).id, "worker", lease_seconds)
    assert job is not None
    return job


MAKERS: dict[JobState, Callable[[JobStore], Job]] = {
    JobState.QUEUED: lambda store: store.create(DOCUMENT),
    JobState.RUNNING: running,
    JobState.SUCCEEDED: lambda store: ended(store, JobState.SUCCEEDED),
    JobState.FAILED: lambda store: ended(store, JobState.FAILED),
    JobState.CANCELLED: lambda store: ended(store, JobState.CANCELLED),
}


def ended(store: JobStore, state: JobState) -> Job:
    job = running(store)
    assert store.finish(job.id, job.attempt, state)
    return store.get(job.id)


def test_a_new_job(store: JobStore) -> None:
    job = store.create(DOCUMENT, "a name", {"lot": "7"})
    assert job == store.get(job.id)
    assert (job.state, job.name, job.labels, job.kind) == (JobState.QUEUED, "a name", {"lot": "7"}, "compile")
    assert job.document == DOCUMENT
    assert (job.attempt, job.fraction, job.stage, job.error, job.result) == (0, 0.0, None, None, None)
    assert job.created_at.tzinfo is UTC
    assert job.started_at is None
    assert not job.finished


@pytest.mark.parametrize(("before", "after"), list(product(JobState, JobState)))
def test_no_state_changes_but_by_the_table(
    store: JobStore, settings: Settings, before: JobState, after: JobState
) -> None:
    job = MAKERS[before](store)
    database = Database(settings.database_url)
    with database.write() as connection:
        moved = move(connection, job.id, after)
    database.close()
    assert moved == (after in TRANSITIONS[before])
    assert store.get(job.id).state is (after if moved else before)


@pytest.mark.parametrize("state", JobState)
def test_the_time_of_the_end_belongs_to_the_final_states(store: JobStore, state: JobState) -> None:
    job = MAKERS[state](store)
    assert job.state is state
    assert (job.finished_at is not None) == job.finished == (state in FINAL)


def test_an_unknown_job(store: JobStore) -> None:
    for ask in (store.get, store.request_cancel, store.artifacts):
        with pytest.raises(JobNotFound, match="nothing-like-it"):
            ask("nothing-like-it")
    assert store.claim("nothing-like-it", "worker", 60) is None
    assert store.heartbeat("nothing-like-it", 1, 60) is None


def test_pages_newest_first(store: JobStore) -> None:
    made = [store.create(DOCUMENT).id for _ in range(5)]
    seen, cursor, sizes = [], None, []
    while True:
        page = store.list(limit=2, cursor=cursor)
        seen += [job.id for job in page.jobs]
        sizes.append(len(page.jobs))
        if (cursor := page.next_cursor) is None:
            break
    assert seen == made[::-1]
    assert sizes == [2, 2, 1]
    assert store.list(limit=5).next_cursor is None


def test_a_page_of_one_state(store: JobStore) -> None:
    queued, active = store.create(DOCUMENT), running(store)
    assert [job.id for job in store.list(JobFilter(frozenset({JobState.QUEUED}))).jobs] == [queued.id]
    assert [job.id for job in store.list(JobFilter(frozenset({JobState.RUNNING}))).jobs] == [active.id]
    assert store.list(JobFilter(frozenset({JobState.FAILED}))).jobs == ()


def test_limits_and_cursors_that_are_none(store: JobStore) -> None:
    with pytest.raises(InvalidInput) as caught:
        store.list(limit=0, cursor="' OR 1=1 --")
    assert [fault.pointer for fault in caught.value.faults] == ["/limit", "/cursor"]


def test_the_quota_counts_waiting_jobs_only(settings: Settings, store: JobStore) -> None:
    limited = JobStore(settings.database_url, max_queued_jobs=2)
    first = limited.create(DOCUMENT)
    limited.create(DOCUMENT)
    with pytest.raises(QuotaExceeded, match="2 jobs wait"):
        limited.create(DOCUMENT)
    limited.claim(first.id, "worker", 60)
    limited.create(DOCUMENT)
    limited.close()


def test_the_quota_holds_although_many_post_at_once(settings: Settings, store: JobStore) -> None:
    barrier = threading.Barrier(6)

    def post(_: int) -> bool:
        own = JobStore(settings.database_url, max_queued_jobs=3)
        barrier.wait()
        try:
            own.create(DOCUMENT)
        except QuotaExceeded:
            return False
        finally:
            own.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(post, range(6))) == 3
    assert store.queued_count() == 3


def test_cancelling_a_queued_job_ends_it_at_once(store: JobStore) -> None:
    job = store.request_cancel(store.create(DOCUMENT).id)
    assert job.state is JobState.CANCELLED
    assert job.cancel_requested
    assert store.claim(job.id, "worker", 60) is None


def test_cancelling_a_running_job_asks_its_worker(store: JobStore) -> None:
    job = running(store)
    assert store.heartbeat(job.id, 1, 60) is False
    for _ in range(2):
        assert store.request_cancel(job.id).state is JobState.RUNNING
    assert store.heartbeat(job.id, 1, 60) is True


@pytest.mark.parametrize("state", sorted(FINAL))
def test_cancelling_a_finished_job_is_refused(store: JobStore, state: JobState) -> None:
    job = MAKERS[state](store)
    with pytest.raises(JobAlreadyFinished, match=state.value):
        store.request_cancel(job.id)
    assert store.get(job.id) == job


def test_of_many_claims_one_succeeds(settings: Settings, store: JobStore) -> None:
    job = store.create(DOCUMENT)
    barrier = threading.Barrier(8)

    def claim(number: int) -> Job | None:
        own = JobStore(settings.database_url)
        barrier.wait()
        try:
            return own.claim(job.id, f"worker {number}", 60)
        finally:
            own.close()

    with ThreadPoolExecutor(8) as pool:
        claims = [claimed for claimed in pool.map(claim, range(8)) if claimed is not None]
    assert [claimed.attempt for claimed in claims] == [1]


def test_many_writers_at_once_lock_nobody_out(settings: Settings, store: JobStore) -> None:
    def work(_: int) -> None:
        own = JobStore(settings.database_url)
        for _ in range(10):
            job = running(own)
            own.heartbeat(job.id, 1, 60, Progress("float", 1, 2, 0.5, ""))
            assert own.finish(job.id, 1, JobState.SUCCEEDED, artifacts=[REPORT])
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(store.list(JobFilter(frozenset({JobState.SUCCEEDED}))).jobs) == 40


def test_as_many_posts_at_once_as_a_server_has_threads(settings: Settings, store: JobStore) -> None:
    shared = JobStore(settings.database_url, max_queued_jobs=1000)
    with ThreadPoolExecutor(40) as pool:
        made = list(pool.map(lambda _: shared.create(DOCUMENT).id, range(80)))
    shared.close()
    assert store.queued_count() == len(set(made)) == 80


def test_a_heartbeat_notes_the_progress_and_keeps_it(store: JobStore) -> None:
    job = running(store)
    store.heartbeat(job.id, 1, 60, Progress("float", 3, 10, 0.25, "loss 0.1"))
    store.heartbeat(job.id, 1, 60)
    seen = store.get(job.id)
    assert (seen.stage, seen.epoch, seen.epochs, seen.fraction, seen.message) == ("float", 3, 10, 0.25, "loss 0.1")


def test_a_success_and_its_manifest_appear_together(store: JobStore) -> None:
    job = running(store)
    assert store.artifacts(job.id) == ()
    assert store.finish(job.id, 1, JobState.SUCCEEDED, result={"ladder": []}, artifacts=[REPORT])
    seen = store.get(job.id)
    assert (seen.state, seen.result, seen.error, seen.fraction) == (JobState.SUCCEEDED, {"ladder": []}, None, 1.0)
    assert store.artifacts(job.id) == (REPORT,)


def test_a_manifest_is_in_the_order_of_its_bytes(store: JobStore) -> None:
    names = ["Z.json", "a-b/c.sp", "a/b.sp", "a_b.svg", "µ.csv"]
    job = running(store)
    files = [Artifact(name, 1, "ab" * 32, "text/plain") for name in reversed(names)]
    assert store.finish(job.id, 1, JobState.SUCCEEDED, artifacts=files)
    assert [artifact.name for artifact in store.artifacts(job.id)] == names


def test_a_manifest_that_cannot_be_written_leaves_the_job_running(store: JobStore) -> None:
    job = running(store)
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.finish(job.id, 1, JobState.SUCCEEDED, artifacts=[REPORT, REPORT])
    assert store.get(job.id).state is JobState.RUNNING
    assert store.artifacts(job.id) == ()


def test_a_finish_that_is_none(store: JobStore) -> None:
    job = running(store)
    with pytest.raises(ValueError, match="got the state queued"):
        store.finish(job.id, 1, JobState.QUEUED)


def test_a_late_attempt_changes_nothing(store: JobStore) -> None:
    job = running(store)
    assert store.retry_or_fail(job.id, 1, 3, CRASHED) is JobState.QUEUED
    again = store.claim(job.id, "another", 60)
    assert again is not None
    assert again.attempt == 2
    assert store.heartbeat(job.id, 1, 60, Progress("float", 9, 10, 0.9, "late")) is None
    assert not store.finish(job.id, 1, JobState.SUCCEEDED, artifacts=[REPORT])
    assert store.hand_back(job.id, 1) is None
    assert store.retry_or_fail(job.id, 1, 3, CRASHED) is None
    assert store.get(job.id) == again
    assert store.artifacts(job.id) == ()


@pytest.mark.parametrize("leave", ["hand_back", "retry_or_fail", "recover"])
def test_a_job_to_be_cancelled_is_not_queued_again(store: JobStore, leave: str) -> None:
    job = running(store, lease_seconds=0)
    store.request_cancel(job.id)
    match leave:
        case "hand_back":
            assert store.hand_back(job.id, 1) is JobState.CANCELLED
        case "retry_or_fail":
            assert store.retry_or_fail(job.id, 1, 3, CRASHED) is JobState.CANCELLED
        case "recover":
            assert store.recover_dead_leases(3) == (job.id,)
    assert store.get(job.id).state is JobState.CANCELLED


def test_a_dead_lease_returns_the_job_and_in_the_end_fails_it(store: JobStore) -> None:
    alive = running(store)
    job = running(store, lease_seconds=0)
    assert store.recover_dead_leases(2) == (job.id,)
    assert store.recover_dead_leases(2) == ()
    seen = store.get(job.id)
    assert (seen.state, seen.stage, seen.fraction) == (JobState.QUEUED, None, 0.0)
    assert store.claim(job.id, "worker 2", 0) is not None
    assert store.recover_dead_leases(2) == (job.id,)
    seen = store.get(job.id)
    assert seen.state is JobState.FAILED
    assert seen.error is not None
    assert seen.error["reason"] == "WORKER_LOST"
    assert "worker 2" in seen.error["detail"]
    assert store.get(alive.id).state is JobState.RUNNING


def test_publications_are_taken_once_and_less_and_less_often(store: JobStore) -> None:
    job = store.create(DOCUMENT)
    moment = store.time()
    # Whoever creates a job publishes it: at first there is nothing to do.
    assert store.queued_before(moment) == ()
    for seconds in (5, 10, 20, 40, 60, 60, 60, 60):
        moment += timedelta(hours=1)
        assert store.queued_before(moment) == (job.id,)
        before = store.time()
        assert store.take_publication(job.id, moment)
        after, wait = store.time(), timedelta(seconds=seconds)
        assert not store.take_publication(job.id, before)
        assert store.queued_before(before + wait - timedelta(milliseconds=1)) == ()
        assert store.queued_before(after + wait) == (job.id,)
    store.return_publication(job.id)
    assert store.queued_before(store.time()) == (job.id,)


def test_a_job_that_returns_to_the_queue_is_due_at_once(store: JobStore) -> None:
    job = running(store)
    assert not store.take_publication(job.id, store.time() + timedelta(hours=1))
    store.hand_back(job.id, 1)
    assert store.queued_before(store.time()) == (job.id,)


def test_wanted_attempts(store: JobStore) -> None:
    jobs = {state: MAKERS[state](store) for state in JobState}
    asked = [job.id for job in jobs.values()] + ["01a20ad8-3821-73d8-8719-98e39ad9a713"]
    assert store.wanted_attempts(asked) == {(jobs[JobState.RUNNING].id, 1)}


def test_a_database_that_nobody_made(database_url: str) -> None:
    store = JobStore(database_url)
    for ask in (store.ping, store.list, lambda: store.create(DOCUMENT)):
        with pytest.raises(StoreUnavailable, match=r"no such table|does not exist"):
            ask()
    store.close()
