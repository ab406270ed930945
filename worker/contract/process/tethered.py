"""A process that dies with this one, together with all that it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_TETHER = Path(__file__).parent / "tether.py"
_KILL_SECONDS = 5.0


class Tethered:
    """One command under `worker.contract.process.tether`.

    Args:
        command: program and arguments.
        environment: the command's whole environment; this process's own if None.
        stdin, stdout, stderr: as for `subprocess.Popen`; nothing comes in by default.
        keep: file descriptors that the command inherits, e.g. a lock that is to last as long as the command.

    Raises:
        OSError: no process can be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: IO[bytes] | int | None = None,
        stderr: IO[bytes] | int | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *command],
            env=environment,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=keep,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The tether's process id."""
        return self._process.pid

    @property
    def stdout(self) -> IO[bytes] | None:
        """The reading end of the command's output, where a pipe was asked for."""
        return self._process.stdout

    @property
    def stderr(self) -> IO[bytes] | None:
        """The reading end of the command's error output, where a pipe was asked for."""
        return self._process.stderr

    def poll(self) -> int | None:
        """The exit status, or minus the number of the signal that ended the command; None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end, at most `timeout` seconds; as `poll`."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """Ask the command to end (SIGTERM), and only it: what it has started is its own affair."""
        self._process.terminate()

    def interrupt(self) -> None:
        """Send the command SIGINT, and only it."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill the command and everything in its process group, and wait until that is done."""
        self._process.send_signal(signal.SIGUSR2)
        if self.wait(_KILL_SECONDS) is None:
            self._process.kill()
            self._process.wait()
