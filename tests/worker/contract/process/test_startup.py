"""Waiting for database and broker at the start."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.postgres_server import PostgresServer, postgres_server
from tests.worker.private_redis import private_redis
from tests.worker.waiting import eventually
from worker.contract import BlobStore, BrokerUnavailable, Settings, StoreUnavailable, upgrade
from worker.contract.process.readiness import missing
from worker.contract.process.startup import wait_for_broker, wait_for_database


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        if server is None:
            pytest.skip("there is no PostgreSQL")
        yield server


def test_a_database_that_comes_later_is_waited_for(
    settings: Settings, own_postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings = settings.model_copy(update={"database_url": own_postgres.new_database(), "start_seconds": 60.0})
    own_postgres.stop()
    waiting = threading.Thread(target=wait_for_database, args=(settings,))
    waiting.start()
    eventually(lambda: "waiting for the database" in caplog.text)
    own_postgres.start()
    waiting.join(60)
    assert not waiting.is_alive()
    assert "the database answers" in caplog.text


def test_a_broker_that_comes_later_is_waited_for(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with private_redis(settings.home) as server:
        settings = settings.model_copy(update={"broker_url": server.url, "start_seconds": 60.0})
        waiting = threading.Thread(target=wait_for_broker, args=(settings,))
        waiting.start()
        eventually(lambda: "waiting for the broker" in caplog.text)
        server.start()
        waiting.join(60)
        assert not waiting.is_alive()
    assert "the broker answers" in caplog.text


def test_the_wait_has_an_end(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings.model_copy(
        update={
            "database_url": "postgresql://mho:hunter2@127.0.0.1:1/mho",
            "broker_url": "redis://:hunter2@127.0.0.1:1/0",
            "start_seconds": 0.3,
        }
    )
    with pytest.raises(StoreUnavailable, match="refused"):
        wait_for_database(settings)
    with pytest.raises(BrokerUnavailable, match="does not answer"):
        wait_for_broker(settings)
    assert "MHO_START_SECONDS" in caplog.text
    assert "hunter2" not in caplog.text


def test_what_no_time_mends_is_not_waited_for(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    for_ever = settings.model_copy(update={"start_seconds": 86_400.0, "database_url": "nonsense", "broker_url": None})
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        wait_for_database(for_ever)
    with pytest.raises(BrokerUnavailable, match="MHO_BROKER_URL"):
        wait_for_broker(for_ever)
    assert caplog.text == ""


def test_readiness_says_what_is_missing(settings: Settings) -> None:
    assert [fault.partition(":")[0] for fault in missing(settings)] == ["database", "broker", "artifacts"]
    upgrade(settings.database_url)
    BlobStore(settings.artifacts_url).prepare()
    with private_redis(settings.home) as server:
        server.start()
        settings = settings.model_copy(update={"broker_url": server.url})
        assert missing(settings) == []
        done = subprocess.run(
            [sys.executable, "-m", "worker.contract.process.readiness"],
            env={"PATH": "", **settings.environment(), "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
    (settings.home / "file").write_bytes(b"")
    full = settings.model_copy(update={"artifacts_url": (settings.home / "file" / "artifacts").as_uri()})
    assert [fault.partition(":")[0] for fault in missing(full)] == ["broker", "artifacts"]
