from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.worker.private_redis import PrivateRedis, private_redis
from tests.worker.waiting import eventually
from worker.contract import ArtifactStore, JobFilter, JobSize, JobState, JobStore, Reconciler, Settings
from worker.contract.broker.messages import queue_name

pytestmark = pytest.mark.each_database

DOCUMENT = {"kind": "compile"}


@pytest.fixture
def server(settings: Settings) -> Iterator[PrivateRedis]:
    with private_redis(settings.home) as server:
        yield server


@pytest.fixture
def reconciler(store: JobStore, settings: Settings, server: PrivateRedis) -> Reconciler:
    return Reconciler(store, settings.model_copy(update={"broker_url": server.url}))


def due(store: JobStore, size: JobSize = JobSize.SMALL) -> str:
    """A job that the broker has lost: it was in the queue, and is again."""
    job_id = store.create(DOCUMENT, size=size).id
    assert store.claim(job_id, "worker", 60) is not None
    store.hand_back(job_id, 1)
    return job_id


def waiting(server: PrivateRedis, size: JobSize = JobSize.SMALL) -> int:
    with server.client() as client:
        return int(client.llen(queue_name(size)))


def test_a_lost_job_is_published_once(reconciler: Reconciler, server: PrivateRedis, store: JobStore) -> None:
    server.start()
    due(store)
    for _ in range(3):
        reconciler.run_once()
    assert waiting(server) == 1


def test_a_job_that_was_just_created_is_left_to_its_creator(
    reconciler: Reconciler, server: PrivateRedis, store: JobStore
) -> None:
    server.start()
    store.create(DOCUMENT)
    reconciler.run_once()
    assert waiting(server) == 0


def test_while_the_broker_is_down_jobs_wait_and_then_start(
    reconciler: Reconciler, server: PrivateRedis, store: JobStore, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = {due(store), due(store)}
    reconciler.run_once()
    assert "does not answer" in caplog.text
    assert {job.id for job in store.list(JobFilter(frozenset({JobState.QUEUED}))).jobs} == jobs
    server.start()
    reconciler.run_once()
    assert waiting(server) == 2


def test_several_reconcilers_at_once_publish_once(
    reconciler: Reconciler, server: PrivateRedis, store: JobStore
) -> None:
    server.start()
    for _ in range(5):
        due(store)
    others = [reconciler, Reconciler(store, reconciler._settings), Reconciler(store, reconciler._settings)]
    for one in others:
        one.start()
    eventually(lambda: store.queued_before(store.time()) == ())
    for one in others:
        one.stop()
    assert waiting(server) == 5


def test_the_thread_takes_jobs_from_silent_workers(
    reconciler: Reconciler, server: PrivateRedis, store: JobStore
) -> None:
    server.start()
    reconciler.start()
    job_id = store.create(DOCUMENT).id
    for attempt in (1, 2, 3):
        eventually(lambda: store.claim(job_id, "worker", 0))
        assert store.get(job_id).attempt >= attempt
    eventually(lambda: store.get(job_id).finished)
    reconciler.stop()
    job = store.get(job_id)
    assert job.error is not None
    assert (job.state, job.error["reason"]) == (JobState.FAILED, "WORKER_LOST")


def test_the_thread_survives_a_database_that_does_not_answer(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    nobodys = JobStore(f"sqlite:///{settings.home}/empty.sqlite3")
    reconciler = Reconciler(nobodys, settings)
    reconciler.start()
    eventually(lambda: caplog.text.count("tries again") >= 2)
    reconciler.stop()
    nobodys.close()


def test_orphans_are_removed_and_what_is_wanted_stays(
    reconciler: Reconciler, store: JobStore, artifacts: ArtifactStore
) -> None:
    active, ended = store.create(DOCUMENT).id, due(store)
    store.claim(active, "worker", 60)
    artifacts.staging(active, 1)
    artifacts.staging(ended, 1)
    assert reconciler.remove_orphans() == 1
    assert artifacts.attempts() == ((active, 1),)


def test_a_publication_comes_again_when_nobody_takes_it(
    reconciler: Reconciler, server: PrivateRedis, store: JobStore
) -> None:
    """The broker took it and lost it: the reconciler cannot know, and asks again later."""
    server.start()
    due(store)
    reconciler.run_once()
    with server.client() as client:
        client.flushall()
    reconciler.run_once()
    assert waiting(server) == 0
    assert store.queued_before(store.time() + timedelta(seconds=4)) == ()
    assert len(store.queued_before(store.time() + timedelta(seconds=6))) == 1


def test_messages_do_not_pile_up_behind_a_long_job(
    reconciler: Reconciler, server: PrivateRedis, store: JobStore
) -> None:
    server.start()
    jobs = [due(store), due(store)]
    reconciler.run_once()
    for _ in range(3):
        # As if the wait for the next publication were over.
        for job_id in jobs:
            store.return_publication(job_id)
        reconciler.run_once()
    assert waiting(server) == 2
    with server.client() as client:
        client.lpop(queue_name(JobSize.SMALL))
    reconciler.run_once()
    assert waiting(server) >= 2


def test_each_queue_is_counted_for_itself(reconciler: Reconciler, server: PrivateRedis, store: JobStore) -> None:
    """Messages that pile up in one queue, because nobody takes them, do not hide what the other has lost."""
    server.start()
    large = [due(store, JobSize.LARGE) for _ in range(3)]
    reconciler.run_once()
    assert (waiting(server, JobSize.SMALL), waiting(server, JobSize.LARGE)) == (0, 3)
    due(store)
    for job_id in large:
        store.return_publication(job_id)
    reconciler.run_once()
    assert (waiting(server, JobSize.SMALL), waiting(server, JobSize.LARGE)) == (1, 3)
