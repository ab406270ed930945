from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tests.worker.processes import alive, descendants
from tests.worker.waiting import eventually
from worker.contract import BrokerUnavailable, HomeInUse, JobSize, JobState, JobStore, Settings, broker_ready, publish
from worker.contract.embedded import EmbeddedServices

SERVE = """
import sys
from worker.contract import Settings
from worker.contract.embedded import EmbeddedServices
with EmbeddedServices(Settings(home=sys.argv[1])) as services:
    print(services.broker_url, flush=True)
    sys.stdin.read()
"""


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def test_everything_dies_with_a_killed_server_and_the_next_one_starts(settings: Settings) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(settings.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    url = line(server.stdout)
    assert url.startswith("redis+socket:///")
    broker_ready(settings.model_copy(update={"broker_url": url}))
    # Redis, the worker, its pool child, and the two tethers.
    below = eventually(lambda: found if len(found := descendants(server.pid)) == 5 else {})
    with pytest.raises(HomeInUse, match=f"process {server.pid}"), EmbeddedServices(settings):
        raise AssertionError("two serve the same home")
    server.kill()
    server.communicate()
    with EmbeddedServices(settings) as again:
        assert not any(alive(pid) for pid, command in below.items() if "redis-server" in command)
        broker_ready(again.settings)
        assert not Path(url.removeprefix("redis+socket://")).exists()
    eventually(lambda: not any(alive(pid) for pid in below))


def test_an_end_leaves_nothing_running_and_no_socket(settings: Settings) -> None:
    with EmbeddedServices(settings) as running:
        pids = [one.pid for one in running.status()]
        assert [one.name for one in running.status()] == ["redis", "worker"]
        url = running.broker_url
        below = {pid for one in pids if one is not None for pid in (one, *descendants(one))}
    assert not any(alive(pid) for pid in below)
    assert not Path(url.removeprefix("redis+socket://")).parent.exists()
    with pytest.raises(BrokerUnavailable):
        broker_ready(running.settings)


def test_a_worker_that_cannot_be_started_stops_what_was(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "logs").mkdir()
    (settings.home / "logs" / "worker.log").mkdir()
    with pytest.raises(IsADirectoryError), EmbeddedServices(settings):
        raise AssertionError("the worker has no log, and was started")
    assert [command for command in descendants(os.getpid()).values() if "redis-server" in command] == []
    with pytest.raises(RuntimeError, match="not started"):
        _ = EmbeddedServices(settings).broker_url


def test_a_given_broker_is_used_and_none_is_started(settings: Settings) -> None:
    given = settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"})
    with EmbeddedServices(given) as running:
        assert running.broker_url == "redis://127.0.0.1:1/0"
        assert [one.name for one in running.status()] == ["worker"]


def test_without_any_redis_a_folder_is_the_broker(
    settings: Settings, store: JobStore, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), EmbeddedServices(settings, find_redis=lambda: None) as running:
        assert "install redis-server" in caplog.text
        assert [one.name for one in running.status()] == ["worker"]
        broker_ready(running.settings)
        # A document that only the training process refuses: it went all the way.
        job_id = store.create({"kind": "compile", "dataset": "no-such-dataset"}).id
        publish(running.settings, job_id, JobSize.SMALL)
        eventually(lambda: store.get(job_id).finished, 30)
    job = store.get(job_id)
    assert job.error is not None
    assert (job.state, job.error["reason"]) == (JobState.FAILED, "INVALID_INPUT")
    assert "no-such-dataset" in job.error["detail"]
