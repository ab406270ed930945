"""A key makes one job, whoever asks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from worker.contract import (
    Caller,
    IdempotencyKey,
    IdempotencyKeyReused,
    JobState,
    JobStore,
    QuotaExceeded,
    Scope,
    Settings,
)
from worker.contract.database.database import Database, now
from worker.contract.database.tables import IDEMPOTENCY_KEYS
from worker.contract.jobs.idempotency import KEPT

pytestmark = pytest.mark.each_database

DOCUMENT = {"kind": "compile", "hardware": "ideal", "dataset": "digits"}
FIRST = IdempotencyKey("k-1", "a" * 64)


def age(settings: Settings, by: timedelta) -> None:
    database = Database(settings.database_url)
    with database.write() as connection:
        connection.execute(update(IDEMPOTENCY_KEYS).values(created_at=now(connection) - by))
    database.close()


def test_a_key_makes_one_job(store: JobStore) -> None:
    job, new = store.create_once(FIRST, DOCUMENT, "name", {"lot": "7"})
    assert new
    assert (job.name, job.labels) == ("name", {"lot": "7"})
    store.request_cancel(job.id)
    again, new = store.create_once(FIRST, DOCUMENT)
    assert not new
    assert (again.id, again.state) == (job.id, JobState.CANCELLED)
    assert len(store.list().jobs) == 1
    assert store.create_once(IdempotencyKey("k-2", FIRST.digest), DOCUMENT)[1]


def test_a_key_can_be_asked_for_without_making_a_job(store: JobStore, settings: Settings) -> None:
    assert store.made_with(FIRST) is None
    job, _ = store.create_once(FIRST, DOCUMENT)
    assert store.made_with(FIRST) == job
    assert store.seen_by(Caller("other", frozenset({Scope.SUBMIT}))).made_with(FIRST) is None
    with pytest.raises(IdempotencyKeyReused, match=job.id):
        store.made_with(IdempotencyKey(FIRST.key, "b" * 64))
    age(settings, KEPT + timedelta(minutes=1))
    assert store.made_with(FIRST) is None
    assert store.create_once(FIRST, DOCUMENT)[0].id != job.id


def test_a_key_with_another_body_is_refused(store: JobStore) -> None:
    job, _ = store.create_once(FIRST, DOCUMENT)
    with pytest.raises(IdempotencyKeyReused, match=job.id):
        store.create_once(IdempotencyKey(FIRST.key, "b" * 64), DOCUMENT)
    assert len(store.list().jobs) == 1


def test_a_key_is_forgotten_after_a_day_and_with_its_job(store: JobStore, settings: Settings) -> None:
    job, _ = store.create_once(FIRST, DOCUMENT)
    age(settings, KEPT - timedelta(minutes=1))
    assert store.create_once(FIRST, DOCUMENT)[0].id == job.id
    assert store.forget_old_keys() == 0
    age(settings, KEPT + timedelta(minutes=1))
    other, new = store.create_once(IdempotencyKey(FIRST.key, "b" * 64), DOCUMENT)
    assert new
    age(settings, KEPT + timedelta(minutes=1))
    assert store.forget_old_keys() == 1
    store.create_once(FIRST, DOCUMENT)
    store.request_cancel(other.id)
    store.delete(other.id)
    assert not store.create_once(FIRST, DOCUMENT)[1]


def test_everybody_has_keys_of_their_own(store: JobStore) -> None:
    jobs = set()
    for owner in ("one", "two"):
        own = store.seen_by(Caller(owner, frozenset({Scope.SUBMIT, Scope.READ})))
        jobs |= {own.create_once(FIRST, DOCUMENT)[0].id for _ in range(2)}
    assert len(jobs) == 2


def test_a_repetition_is_no_matter_of_the_quota(settings: Settings, store: JobStore) -> None:
    full = JobStore(settings.database_url, max_queued_jobs=1)
    job, _ = full.create_once(FIRST, DOCUMENT)
    assert full.create_once(FIRST, DOCUMENT)[0].id == job.id
    with pytest.raises(QuotaExceeded):
        full.create_once(IdempotencyKey("k-2", "a" * 64), DOCUMENT)
    full.close()


def test_many_at_once_make_one_job(store: JobStore, settings: Settings) -> None:
    def ask(_: int) -> tuple[str, bool]:
        own = JobStore(settings.database_url)
        job, new = own.create_once(FIRST, DOCUMENT)
        own.close()
        return job.id, new

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(16)))
    assert len({job_id for job_id, _ in answers}) == 1
    assert [new for _, new in answers].count(True) == 1
    assert len(store.list().jobs) == 1
