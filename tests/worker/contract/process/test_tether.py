from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.worker.processes import alive, descendants
from tests.worker.waiting import eventually
from worker.contract.process.tethered import Tethered

TWO_SLEEPERS = ["sh", "-c", "sleep 600 & sleep 600"]

STARTER = """
import sys, threading
from worker.contract.process.tethered import Tethered
process = Tethered(sys.argv[1:])
print(process.pid, flush=True)
process.wait()
"""


def sleepers(pid: int) -> list[int]:
    """The shell and its two children, once all are there."""
    return eventually(lambda: found if len(found := list(descendants(pid))) == 3 else [])


@pytest.mark.parametrize("status", [0, 1, 75, 255])
def test_the_exit_status_is_the_commands(status: int) -> None:
    assert Tethered(["sh", "-c", f"exit {status}"]).wait(10) == status


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_the_signal_is_the_commands(number: signal.Signals) -> None:
    assert Tethered(["sh", "-c", f"kill -{number.value} $$"]).wait(10) == -number


def test_terminate_asks_the_command_alone() -> None:
    process = Tethered(["sh", "-c", "trap 'exit 7' TERM; sleep 600 & wait"])
    eventually(lambda: "sleep 600" in descendants(process.pid).values())
    below = descendants(process.pid)
    process.terminate()
    assert process.wait(10) == 7
    # And what it left behind is ended with it.
    eventually(lambda: not any(alive(pid) for pid in below))


def test_kill_ends_the_whole_group() -> None:
    process = Tethered(TWO_SLEEPERS)
    below = sleepers(process.pid)
    process.kill()
    assert process.poll() == -signal.SIGKILL
    eventually(lambda: not any(alive(pid) for pid in below))


def test_the_command_dies_with_its_tether() -> None:
    process = Tethered(["sleep", "600"])
    (child,) = eventually(lambda: list(descendants(process.pid)))
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    eventually(lambda: not alive(child))


def test_everything_dies_with_the_starter() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, *TWO_SLEEPERS], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    tether = int(starter.stdout.readline())
    below = [tether, *sleepers(tether)]
    starter.kill()
    starter.wait()
    starter.stdout.close()
    eventually(lambda: not any(alive(pid) for pid in below), 5)


def test_the_end_of_the_starting_thread_ends_nothing() -> None:
    """The kernel's death signal is sent when a thread ends; the process is what counts."""
    started: list[Tethered] = []
    thread = threading.Thread(target=lambda: started.append(Tethered(["sh", "-c", "read line; exit 3"], stdin=ends[0])))
    ends = os.pipe()
    thread.start()
    thread.join()
    os.close(ends[0])
    eventually(lambda: descendants(started[0].pid))
    assert started[0].poll() is None
    os.write(ends[1], b"go\n")
    os.close(ends[1])
    assert started[0].wait(10) == 3


def test_a_kept_descriptor_is_inherited(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+") as file:
        command = [sys.executable, "-S", "-c", f"import os; os.pwrite({file.fileno()}, b'kept', 0)"]
        assert Tethered(command, keep=[file.fileno()]).wait(10) == 0
        assert file.read() == "kept"


def test_a_command_that_does_not_exist(capfd: pytest.CaptureFixture[str]) -> None:
    assert Tethered(["/nowhere/at-all"]).wait(10) == 127
    assert "/nowhere/at-all" in capfd.readouterr().err
