"""Shares on their way through the broker, as a group of Celery."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys

import redis

from tests.worker.private_redis import private_redis
from worker.contract import Settings
from worker.contract.broker.messages import SHARE_TASK, SHARES_QUEUE

# In a process of its own: Celery reads its settings once.
PUBLISH = """
from worker.celery_app import publish_shares
from worker.contract import BrokerUnavailable
from worker.babysit.share import cut

try:
    publish_shares(cut("job", 2, "ab" * 32, ["drift.0", "drift.1", "drift.2"], 2))
except BrokerUnavailable as error:
    print(error)
"""


def published(settings: Settings, url: str) -> str:
    environment = {**os.environ, **settings.environment(), "MHO_BROKER_URL": url}
    command = [sys.executable, "-c", PUBLISH]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


def test_each_share_is_one_message_of_one_group_and_the_last_tasks_come_first(settings: Settings) -> None:
    with private_redis(settings.home) as server:
        server.start()
        assert published(settings, server.url) == ""
        with redis.Redis(unix_socket_path=str(server.socket)) as client:
            # Redis gives from the right what is put in at the left.
            messages = [json.loads(text) for text in reversed(client.lrange(SHARES_QUEUE, 0, -1))]
    assert {message["headers"]["task"] for message in messages} == {SHARE_TASK}
    assert len({message["headers"]["group"] for message in messages} - {None}) == 1
    arguments = [json.loads(base64.b64decode(message["body"]))[0] for message in messages]
    assert arguments == [["job", 2, "ab" * 32, ["drift.2", "drift.1"]], ["job", 2, "ab" * 32, ["drift.0"]]]


def test_a_broker_that_is_away_is_reported_at_once(settings: Settings) -> None:
    assert "redis://127.0.0.1:1/0 does not answer" in published(settings, "redis://127.0.0.1:1/0")
