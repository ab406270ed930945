from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from tests.worker.private_redis import PrivateRedis, private_redis
from worker.contract import BrokerUnavailable, JobSize, Publisher, Settings
from worker.contract.broker.messages import queue_name

JOB_ID = "01a20ad8-3821-73d8-8719-98e39ad9a713"


@pytest.fixture
def broker(settings: Settings) -> Iterator[PrivateRedis]:
    with private_redis(settings.home) as server:
        server.start()
        yield server


@pytest.fixture
def publisher(settings: Settings, broker: PrivateRedis) -> Iterator[Publisher]:
    made = Publisher(settings.model_copy(update={"broker_url": broker.url}))
    yield made
    made.close()


def waiting(broker: PrivateRedis, size: JobSize = JobSize.SMALL) -> int:
    with broker.client() as client:
        return int(client.llen(queue_name(size)))  # type: ignore[arg-type]


def test_a_connection_is_kept(publisher: Publisher, broker: PrivateRedis) -> None:
    publisher.publish(JOB_ID, JobSize.SMALL)
    with broker.client() as client:
        before = client.info("stats")["total_connections_received"]  # type: ignore[index]
        publisher.publish(JOB_ID, JobSize.SMALL)
        publisher.publish(JOB_ID, JobSize.LARGE)
        assert client.info("stats")["total_connections_received"] == before  # type: ignore[index]
    assert (waiting(broker), waiting(broker, JobSize.LARGE)) == (2, 1)


def test_threads_publish_at_once(publisher: Publisher, broker: PrivateRedis) -> None:
    together = threading.Barrier(8)

    def publish() -> None:
        together.wait()
        for _ in range(5):
            publisher.publish(JOB_ID, JobSize.SMALL)

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert waiting(broker) == 40


def test_a_broker_that_was_started_again_hears_the_next_message(publisher: Publisher, broker: PrivateRedis) -> None:
    publisher.publish(JOB_ID, JobSize.SMALL)
    broker.stop()
    with pytest.raises(BrokerUnavailable, match="does not answer"):
        publisher.publish(JOB_ID, JobSize.SMALL)
    broker.start()
    before = waiting(broker)
    publisher.publish(JOB_ID, JobSize.SMALL)
    broker.stop()
    broker.start()
    assert waiting(broker) >= before
    before = waiting(broker)
    publisher.publish(JOB_ID, JobSize.SMALL)
    assert waiting(broker) == before + 1


def test_a_broker_that_falls_silent_is_given_up(publisher: Publisher, broker: PrivateRedis) -> None:
    publisher.publish(JOB_ID, JobSize.SMALL)
    with broker.client() as client:
        pid = client.info("server")["process_id"]  # type: ignore[index]
    os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        with pytest.raises(BrokerUnavailable, match="does not answer"):
            publisher.publish(JOB_ID, JobSize.SMALL)
        assert time.monotonic() - started < 20  # it gives up instead of hanging
    finally:
        os.kill(pid, signal.SIGCONT)
    publisher.publish(JOB_ID, JobSize.SMALL)


def test_a_closed_one_opens_a_new_connection(publisher: Publisher, broker: PrivateRedis) -> None:
    publisher.publish(JOB_ID, JobSize.SMALL)
    publisher.close()
    publisher.publish(JOB_ID, JobSize.SMALL)
    assert waiting(broker) == 2


def test_no_broker_is_configured(settings: Settings) -> None:
    with pytest.raises(BrokerUnavailable, match="MHO_BROKER_URL"):
        Publisher(settings.model_copy(update={"broker_url": None})).publish(JOB_ID, JobSize.SMALL)
