from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.waiting import eventually
from worker.contract import HomeInUse
from worker.contract.embedded.home_lock import HomeLock

HOLD = """
import sys
from pathlib import Path
from worker.contract.embedded.home_lock import HomeLock
with HomeLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_home_is_made_for_its_user_alone(tmp_path: Path) -> None:
    with HomeLock(tmp_path / "a" / "home"):
        assert (tmp_path / "a" / "home").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "a" / "home" / "lock").read_text() == f"{os.getpid()}\n"


def test_a_second_holder_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdin is not None
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    with pytest.raises(HomeInUse, match=rf"process {first.pid};.*--home"), HomeLock(tmp_path):
        raise AssertionError("two hold the same home")
    first.kill()
    first.communicate()
    # Killed, it holds nothing any more.
    with HomeLock(tmp_path):
        pass


def test_it_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with HomeLock(tmp_path):
            pass


def test_the_children_of_a_killed_holder_are_waited_for(tmp_path: Path) -> None:
    with HomeLock(tmp_path) as lock:
        # It inherits the lock, as Redis does, and lives a little longer than the holder.
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock.descriptor])
        (tmp_path / "lock").write_text(f"{_ended_process()}\n")
    waiter = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    eventually(lambda: _has_open(waiter.pid, tmp_path / "lock"))
    child.communicate(b"\n")
    assert waiter.stdout is not None
    assert waiter.stdout.readline() == "held\n"
    waiter.communicate("")


def _ended_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def _has_open(pid: int, path: Path) -> bool:
    folder = Path("/proc") / str(pid) / "fd"
    try:
        return any(os.readlink(entry) == str(path) for entry in folder.iterdir())
    except OSError:
        return False
