from __future__ import annotations

import os
import signal

import pytest

from tests.worker.processes import alive
from tests.worker.waiting import eventually
from worker.contract import ServiceNotStarted
from worker.contract.embedded.supervisor import Supervisor
from worker.contract.process.tethered import Tethered


def test_a_service_that_dies_is_started_again() -> None:
    supervisor = Supervisor("sleeper", lambda: Tethered(["sleep", "600"]), 5)
    assert supervisor.pid is None
    supervisor.start()
    first = supervisor.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    second = eventually(lambda: supervisor.pid if supervisor.restarts else None)
    assert second != first
    supervisor.stop()
    assert supervisor.pid is None
    assert not alive(second)


def test_a_start_that_fails_is_tried_again() -> None:
    starts = []

    def start() -> Tethered:
        starts.append(1)
        if len(starts) == 2:
            raise ServiceNotStarted("not yet")
        return Tethered(["sleep", "600"] if len(starts) == 3 else ["false"])

    supervisor = Supervisor("slow", start, 5)
    supervisor.start()
    eventually(lambda: supervisor.restarts == 1 and supervisor.pid)
    assert len(starts) == 3
    supervisor.stop()


def test_a_first_start_that_fails_is_an_error() -> None:
    def start() -> Tethered:
        raise ServiceNotStarted("see the log")

    with pytest.raises(ServiceNotStarted, match="see the log"):
        Supervisor("broken", start, 5).start()


def test_a_service_that_does_not_end_is_killed() -> None:
    supervisor = Supervisor("deaf", lambda: Tethered(["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]), 0.2)
    supervisor.start()
    pid = supervisor.pid
    supervisor.stop()
    assert pid is not None
    assert not alive(pid)
