"""Keeps one service running: starts it, and starts it again when it dies."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from hwcore.errors import MhoError
from worker.contract.process.tethered import Tethered

LOG = logging.getLogger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 30.0
"""A service that ran for so long gets the short pause again when it dies."""


class Supervisor:
    """One service.

    Args:
        name: for the log and the thread.
        start: starts the service; may raise `MhoError` or `OSError`, and is then tried again.
        stop_seconds: how long the service may take to end when it is asked to.
    """

    def __init__(self, name: str, start: Callable[[], Tethered], stop_seconds: float) -> None:
        self.name = name
        self.restarts = 0
        self._start = start
        self._stop_seconds = stop_seconds
        self._stopping = threading.Event()
        self._process: Tethered | None = None
        self._thread = threading.Thread(target=self._watch, name=f"mho-{name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id of the running service (of its tether); None while it is down."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the service, and from then on keep it running.

        Raises:
            MhoError, OSError: the first start fails.
        """
        self._process = self._start()
        self._thread.start()

    def stop(self) -> None:
        """End the service: ask, wait, kill."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
        if self._thread.is_alive():
            self._thread.join(self._stop_seconds)
        # Read again: the thread may have been in the middle of a restart.
        process = self._process
        if process is not None and process.poll() is None:
            process.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            started = time.monotonic()
            status = self._process.wait() if self._process is not None else None
            if self._stopping.is_set():
                return
            if time.monotonic() - started > HEALTHY_SECONDS:
                pause = FIRST_PAUSE
            LOG.warning("%s has ended (status %s) and is started again in %g s", self.name, status, pause)
            if self._stopping.wait(pause):
                return
            pause = min(LONGEST_PAUSE, pause * 2)
            try:
                self._process = self._start()
                self.restarts += 1
            except (MhoError, OSError) as error:
                self._process = None
                LOG.error("%s cannot be started: %s", self.name, error)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
