"""A job is its owner's: everybody else's store does not have it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from worker.contract import EVERYBODY, Artifact, Caller, JobNotFound, JobState, JobStore, QuotaExceeded, Scope, Settings

pytestmark = pytest.mark.each_database

ANN = Caller("ann", frozenset({Scope.SUBMIT}))
BOB = Caller("bob", frozenset({Scope.SUBMIT}))
ROOT = Caller("root", frozenset({Scope.ADMIN}))
DOCUMENT = {"hardware": "ideal", "dataset": "digits"}


def test_a_job_bears_the_token_that_it_was_posted_with(store: JobStore) -> None:
    assert store.create(DOCUMENT).owner == ""
    assert store.seen_by(EVERYBODY).create(DOCUMENT).owner == ""
    job = store.seen_by(ANN).create(DOCUMENT)
    assert job.owner == "ann"
    assert store.get(job.id) == store.seen_by(ANN).get(job.id) == job


ASKED: dict[str, Callable[[JobStore, str], object]] = {
    "get": JobStore.get,
    "request_cancel": JobStore.request_cancel,
    "artifacts": JobStore.artifacts,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_anothers_job_is_not_there(store: JobStore, ask: Callable[[JobStore, str], object]) -> None:
    job = store.seen_by(ANN).create(DOCUMENT)
    nobodys = store.create(DOCUMENT)
    for job_id in (job.id, nobodys.id):
        with pytest.raises(JobNotFound) as refused:
            ask(store.seen_by(BOB), job_id)
        missing = job_id[:-1] + ("0" if job_id[-1] != "0" else "1")
        with pytest.raises(JobNotFound) as unknown:
            ask(store.seen_by(BOB), missing)
        assert str(refused.value) == str(unknown.value).replace(missing, job_id)
    assert store.get(job.id).state is JobState.QUEUED


def test_an_administrator_has_all_of_them(store: JobStore) -> None:
    job = store.seen_by(ANN).create(DOCUMENT)
    running = store.claim(job.id, "tests", 60)
    assert running is not None
    report = Artifact("report.json", 12, "ab" * 32, "application/json")
    store.finish(job.id, running.attempt, JobState.SUCCEEDED, artifacts=[report])
    assert store.seen_by(ROOT).artifacts(job.id) == (report,)
    other = store.seen_by(BOB).create(DOCUMENT)
    assert store.seen_by(ROOT).request_cancel(other.id).state is JobState.CANCELLED
    assert store.seen_by(ROOT).create(DOCUMENT).owner == "root"


def test_the_events_of_anothers_job_are_not_there(store: JobStore) -> None:
    job = store.seen_by(ANN).create(DOCUMENT)
    assert store.seen_by(BOB).events(job.id) == ()
    assert len(store.seen_by(ANN).events(job.id)) == len(store.seen_by(ROOT).events(job.id)) == 1


def test_a_list_has_the_callers_jobs_and_pages_through_them_alone(store: JobStore) -> None:
    hers = []
    for _ in range(3):
        hers.append(store.seen_by(ANN).create(DOCUMENT).id)
        store.seen_by(BOB).create(DOCUMENT)
    hers.reverse()
    page = store.seen_by(ANN).list(limit=2)
    assert [job.id for job in page.jobs] == hers[:2]
    page = store.seen_by(ANN).list(limit=2, cursor=page.next_cursor)
    assert ([job.id for job in page.jobs], page.next_cursor) == (hers[2:], None)
    assert len(store.seen_by(ROOT).list().jobs) == len(store.list().jobs) == 6


def test_a_token_has_a_quota_of_its_own(settings: Settings, store: JobStore) -> None:
    limited = JobStore(settings.database_url, max_queued_jobs=5, max_queued_jobs_per_token=2)
    jobs = [limited.seen_by(ANN).create(DOCUMENT) for _ in range(2)]
    with pytest.raises(QuotaExceeded, match="MHO_MAX_QUEUED_JOBS_PER_TOKEN"):
        limited.seen_by(ANN).create(DOCUMENT)
    limited.seen_by(ANN).request_cancel(jobs[0].id)
    limited.seen_by(ANN).create(DOCUMENT)
    for _ in range(3):
        limited.create(DOCUMENT)
    with pytest.raises(QuotaExceeded, match=r"\(MHO_MAX_QUEUED_JOBS\)"):
        limited.seen_by(BOB).create(DOCUMENT)
    limited.close()
