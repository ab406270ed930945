from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.worker.private_redis import private_redis
from worker.contract import BrokerUnavailable, JobSize, Settings, broker_ready, publish
from worker.contract.broker.messages import TASK, queue_name
from worker.contract.settings.broker_url import folder_url

JOB_ID = "01a20ad8-3821-73d8-8719-98e39ad9a713"
ASK: list[Callable[[Settings], None]] = [broker_ready, lambda settings: publish(settings, JOB_ID, JobSize.SMALL)]


def at(settings: Settings, url: str | None) -> Settings:
    return settings.model_copy(update={"broker_url": url})


@pytest.fixture
def silent_server() -> Iterator[str]:
    """It takes every connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def full_server() -> Iterator[str]:
    """It takes no further connection, and refuses none: what a firewall does."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        name = server.getsockname()
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(name)
        yield f"redis://127.0.0.1:{name[1]}/0"
        for one in waiting:
            one.close()


@pytest.mark.parametrize("ask", ASK)
def test_no_broker_is_configured(settings: Settings, ask: Callable[[Settings], None]) -> None:
    with pytest.raises(BrokerUnavailable, match="MHO_BROKER_URL"):
        ask(settings)


@pytest.mark.parametrize("ask", ASK)
@pytest.mark.parametrize("kind", ["refusing", "no socket", "silent", "full"])
def test_a_broker_that_is_down_is_noticed_in_two_seconds(
    settings: Settings, ask: Callable[[Settings], None], kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    match kind:
        case "refusing":
            url = "redis://127.0.0.1:1/0"
        case "no socket":
            url = f"redis+socket://{tmp_path}/absent.sock"
        case _:
            url = request.getfixturevalue(f"{kind}_server")
    started = time.monotonic()
    with pytest.raises(BrokerUnavailable, match="does not answer"):
        ask(at(settings, url))
    assert time.monotonic() - started < 20  # it gives up instead of hanging


def test_a_password_is_not_shown(settings: Settings) -> None:
    with pytest.raises(BrokerUnavailable) as caught:
        broker_ready(at(settings, "redis://user:hunter2@127.0.0.1:1/0"))
    assert "hunter2" not in str(caught.value)
    assert "redis://user:***@127.0.0.1:1/0" in str(caught.value)


def test_a_message_is_what_celery_reads(settings: Settings) -> None:
    with private_redis(settings.home) as server:
        server.start()
        settings = at(settings, server.url)
        broker_ready(settings)
        publish(settings, JOB_ID, JobSize.SMALL)
        with server.client() as client:
            (text,) = client.lrange(queue_name(JobSize.SMALL), 0, -1)
    message = json.loads(text)
    assert message["headers"]["task"] == TASK
    assert message["content-type"] == "application/json"
    assert message["properties"]["delivery_mode"] == 2


def test_a_folder_is_a_broker(settings: Settings, tmp_path: Path) -> None:
    settings = at(settings, folder_url(tmp_path / "a broker"))
    broker_ready(settings)
    publish(settings, JOB_ID, JobSize.SMALL)
    assert len(list((tmp_path / "a broker" / "queue").iterdir())) == 1
