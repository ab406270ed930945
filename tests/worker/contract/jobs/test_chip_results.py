"""Chips that were judged for a job: noted while an attempt runs, by it and by helpers, and gone when the job ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, insert, select, update

from worker.contract import Job, JobSize, JobState, JobStore
from worker.contract.database.tables import CHIP_RESULTS, JOBS

pytestmark = pytest.mark.each_database

BUNDLE = "ab" * 32
OTHER = "cd" * 32
CRASHED = {"reason": "ATTEMPT_CRASHED", "detail": "SIGKILL"}


def running(store: JobStore, bundle: str | None = BUNDLE) -> Job:
    """A job whose attempt has offered this bundle; None: has offered nothing."""
    job = store.claim(store.create({"kind": "compile"}).id, "worker", 60)
    assert job is not None
    if bundle is not None:
        assert store.keep_bundle(job.id, job.attempt, bundle)
    return job


def rows(store: JobStore) -> int:
    with store._database.read() as connection:
        return connection.scalar(select(func.count()).select_from(CHIP_RESULTS)) or 0


def recovered(store: JobStore, job: Job) -> None:
    with store._database.write() as connection:
        connection.execute(update(JOBS).values(lease_until=job.created_at))
    assert store.recover_dead_leases(3) == (job.id,)


ENDS: dict[str, Callable[[JobStore, Job], object]] = {
    "succeeded": lambda store, job: store.finish(job.id, job.attempt, JobState.SUCCEEDED),
    "failed": lambda store, job: store.finish(job.id, job.attempt, JobState.FAILED, error=CRASHED),
    "cancelled": lambda store, job: store.finish(job.id, job.attempt, JobState.CANCELLED),
    "handed back": lambda store, job: store.hand_back(job.id, job.attempt),
    "crashed": lambda store, job: store.retry_or_fail(job.id, job.attempt, 3, CRASHED),
    "silent": recovered,
}


FINAL = ("succeeded", "failed", "cancelled")


@pytest.mark.parametrize("end", ENDS)
def test_with_the_attempt_goes_its_bundle_and_with_the_job_all_that_was_found(store: JobStore, end: str) -> None:
    job, other = running(store), running(store, OTHER)
    for each, bundle in ((job, BUNDLE), (other, OTHER)):
        assert store.keep_chip_results(each.id, each.attempt, bundle, {"drift.0": [3, 4]})
        assert store.keep_judged_chips(each.id, each.attempt, bundle, {"drift.1": [5, 6]})
    assert store.refers_to(BUNDLE)
    assert store.referenced_blobs() == {BUNDLE, OTHER}
    assert store.referenced_blobs(without=[job.id]) == {OTHER}
    if end == "silent":
        assert store.hand_back(other.id, other.attempt)
    ENDS[end](store, job)
    assert not store.refers_to(BUNDLE)
    assert BUNDLE not in store.referenced_blobs()
    # Whoever goes on with the job need not look at these chips again.
    kept = {} if end in FINAL else {BUNDLE: {"drift.0": [3, 4], "drift.1": [5, 6]}}
    assert store.judged_chips(job.id) == kept
    assert rows(store) == (2 if end in FINAL else 4)
    # And nothing comes after it.
    assert not store.keep_chip_results(job.id, job.attempt, BUNDLE, {"drift.2": [3, 4]})
    assert not store.keep_judged_chips(job.id, job.attempt, BUNDLE, {"drift.2": [3, 4]})
    assert not store.keep_bundle(job.id, job.attempt, BUNDLE)
    assert not store.help_wanted(job.id, job.attempt, BUNDLE)
    assert store.judged_chips(job.id) == kept


def test_a_chip_is_kept_for_its_bundle_whoever_judged_it_first(store: JobStore) -> None:
    job = running(store)
    assert store.keep_judged_chips(job.id, 1, OTHER, {"adc.0": [1]})
    assert store.keep_judged_chips(job.id, 1, BUNDLE, {"adc.0": [2], "drift.0": (3,)})
    assert store.keep_chip_results(job.id, 1, BUNDLE, {"drift.0": [4], "drift.1": [5]})
    assert store.keep_judged_chips(job.id, 1, BUNDLE, {"drift.1": [6]})
    found = {OTHER: {"adc.0": [1]}, BUNDLE: {"adc.0": [2], "drift.0": [3], "drift.1": [5]}}
    assert store.judged_chips(job.id) == found
    # What an attempt has found itself does not come back to it as help.
    assert store.chip_results(job.id, BUNDLE) == {"drift.1": [5]}
    assert store.hand_back(job.id, 1)
    assert store.claim(job.id, "another", 60) is not None
    assert store.judged_chips(job.id) == found
    assert not store.keep_judged_chips(job.id, 1, BUNDLE, {"drift.2": [7]})


def test_results_are_those_of_their_bundle_and_the_first_stays(store: JobStore) -> None:
    job = running(store)
    assert store.keep_chip_results(job.id, 1, BUNDLE, {"drift.0": [3], "drift.1": [5]})
    assert store.keep_chip_results(job.id, 1, BUNDLE, {"drift.1": [6], "drift.2": (7,)})
    expected = {"drift.0": [3], "drift.1": [5], "drift.2": [7]}
    assert store.chip_results(job.id, BUNDLE) == expected
    assert store.chip_results(job.id, BUNDLE, known=2) == expected
    assert store.chip_results(job.id, BUNDLE, known=3) == {}
    assert not store.keep_chip_results(job.id, 2, BUNDLE, {"drift.0": [3]})
    assert store.chip_results(job.id, OTHER) == {}


def test_two_helpers_with_the_same_results_do_not_disturb_each_other(store: JobStore) -> None:
    job = running(store)
    results = {f"drift.{number}": [number] for number in range(20)}
    with ThreadPoolExecutor(4) as pool:
        kept = [pool.submit(store.keep_chip_results, job.id, 1, BUNDLE, results) for _ in range(8)]
    assert all(each.result() for each in kept)
    assert store.chip_results(job.id, BUNDLE) == results


def test_help_is_wanted_while_the_attempt_runs_and_its_end_was_not_asked_for(store: JobStore) -> None:
    job = running(store)
    assert store.help_wanted(job.id, 1, BUNDLE)
    assert not store.help_wanted(job.id, 2, BUNDLE)
    assert not store.help_wanted("no job", 1, BUNDLE)
    store.request_cancel(job.id)
    assert not store.help_wanted(job.id, 1, BUNDLE)


def test_the_bundle_of_another_job_changes_nothing(store: JobStore) -> None:
    job, other = running(store), running(store, OTHER)
    assert not store.help_wanted(job.id, 1, OTHER)
    assert not store.keep_chip_results(job.id, 1, OTHER, {"drift.0": [3]})
    assert store.chip_results(job.id, BUNDLE) == {}
    assert store.help_wanted(other.id, 1, OTHER)


def test_before_an_offer_help_is_wanted_with_no_bundle(store: JobStore) -> None:
    job = running(store, None)
    assert store.help_wanted(job.id, 1, None, before=list(JobSize))
    assert not store.help_wanted(job.id, 1, BUNDLE)
    assert store.keep_bundle(job.id, 1, BUNDLE)
    assert not store.help_wanted(job.id, 1, None)


def test_jobs_that_the_helper_takes_go_before(store: JobStore) -> None:
    job = running(store)
    store.create({"kind": "compile"}, size=JobSize.LARGE)
    assert store.help_wanted(job.id, 1, BUNDLE, before=[JobSize.SMALL])
    assert not store.help_wanted(job.id, 1, BUNDLE, before=[JobSize.LARGE])
    assert not store.help_wanted(job.id, 1, BUNDLE, before=list(JobSize))


def test_a_row_goes_with_its_job(store: JobStore) -> None:
    job = running(store)
    assert store.finish(job.id, 1, JobState.SUCCEEDED)
    with store._database.write() as connection:
        connection.execute(
            insert(CHIP_RESULTS).values(job_id=job.id, bundle=BUNDLE, task="drift.0", result=[1], helped=True)
        )
    store.delete(job.id)
    assert rows(store) == 0
