"""Runs one command that may not outlive whoever started it: `python -I -S tether.py PARENT_PID COMMAND...`.

The command gets a process group of its own. However the parent ends, SIGKILL included, the tether kills that whole
group; if the tether itself is killed, the command dies with it. When the command ends, what it left behind in its group
is killed, and the tether ends the same way: same exit status, same signal.

Signals to the tether: SIGTERM and SIGINT are passed on to the command (not to its children), SIGUSR2 kills the group.

A script of its own, with nothing but the standard library, because it lives as long as the command and should be small,
and because the signal of Linux for "your parent died" has to be asked for between fork and exec, which is safe only in
a process without threads. Elsewhere than on Linux the parent is looked for once a second.
"""

from __future__ import annotations

import ctypes
import os
import resource
import select
import signal
import subprocess
import sys
from types import FrameType

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 1.0
LOST_PARENT = 75
"""Exit status where the parent was gone before the command could be started (`EX_TEMPFAIL` of sysexits.h)."""
NOT_STARTED = 127
"""Exit status where the command could not be started, as in a shell."""


def ask_for_death_signal(number: int) -> None:
    """Have the kernel send this process the signal `number` when the thread that started it ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def main(parent: int, command: list[str]) -> None:
    """Run `command` until it or the process `parent` ends, then end the same way."""
    # The write end of this pipe gets a byte for each signal, which is what wakes the loop below.
    waker, wakened = os.pipe()
    for end in (waker, wakened):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD):
        signal.signal(number, note)
    ask_for_death_signal(signal.SIGUSR1)
    if os.getppid() != parent:
        os._exit(LOST_PARENT)

    tether = os.getpid()

    def tie() -> None:
        ask_for_death_signal(signal.SIGKILL)
        if os.getppid() != tether:
            os._exit(LOST_PARENT)

    try:
        child = subprocess.Popen(command, close_fds=False, process_group=0, preexec_fn=tie)
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error}\n")
        sys.stderr.flush()
        os._exit(NOT_STARTED)
    while child.poll() is None:
        # The kernel also sends SIGUSR1 when only the starting thread has ended: the parent's id tells the two apart.
        if os.getppid() != parent:
            _kill_group(child.pid)
        while received:
            request = received.pop(0)
            if request == signal.SIGUSR2:
                _kill_group(child.pid)
            elif request in (signal.SIGTERM, signal.SIGINT):
                child.send_signal(request)
        select.select([waker], [], [], POLL_SECONDS)
        _drain(waker)
    _kill_group(child.pid)
    _end_like(child.returncode)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _drain(waker: int) -> None:
    try:
        os.read(waker, 4096)
    except BlockingIOError:
        return


def _end_like(status: int) -> None:
    if status < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = -status
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
