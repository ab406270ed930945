"""The process of one attempt, or of a share of one, seen from outside: its events, its last lines, its end."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from typing import IO

from hwcore.processors import available_threads, openmp_threads
from worker.babysit.events import Event, Outcome, read_line
from worker.babysit.process.log_tail import LogTail
from worker.babysit.protocol import Request, ShareRequest
from worker.contract import Settings
from worker.contract.process.tethered import Tethered

LONGEST_LINE = 1 << 20
"""Longest line that can be an event, bytes; a longer one is dropped."""

MOST_LAST_READS = 64
"""Reads of 64 KiB at most from a pipe whose process has ended: no pipe holds more."""


class AttemptProcess:
    """A tethered process that speaks `worker.babysit.protocol`.

    Attributes:
        outcome: its last event; None before that.
        tail: the last lines of all that was no event, on both pipes.

    Args:
        command: the program; it gets the request on its standard input, and numerical libraries that keep to the
            request's threads.
        request: its work.

    Raises:
        OSError: no process can be started.
    """

    def __init__(self, command: Sequence[str], request: Request | ShareRequest) -> None:
        self.outcome: Outcome | None = None
        self.tail = LogTail()
        self._line = b""
        self._skipping = False
        self._events: list[Event] = []
        environment = {**os.environ, **thread_variables(request.threads)}
        # A file and not a pipe, so that nothing waits until the process reads it.
        with tempfile.TemporaryFile() as file:
            file.write(request.to_json())
            file.seek(0)
            self._process = Tethered(
                command, environment=environment, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        self._selector = selectors.DefaultSelector()
        for pipe, take in ((self._process.stdout, self._take_output), (self._process.stderr, self.tail.feed)):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                self._selector.register(pipe, selectors.EVENT_READ, take)

    def listen(self, seconds: float) -> None:
        """Wait at most so long for the process to write something, and take it in."""
        for key, _ in self._selector.select(seconds):
            self._read(key)

    def events(self) -> list[Event]:
        """Events since the last call but for the outcome, in their order."""
        events, self._events = self._events, []
        return events

    def poll(self) -> int | None:
        """Return the exit code as `Tethered.poll`; once the process has ended, all that it wrote has been read."""
        status = self._process.poll()
        if status is not None:
            for key in list(self._selector.get_map().values()):
                # Bounded: a grandchild in a session of its own may have survived, and hold the pipe.
                for _ in range(MOST_LAST_READS):
                    if not self._read(key):
                        break
        return status

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def hand_over(self) -> None:
        """Ask it to finish its epoch, to take a checkpoint and to end."""
        self._process.interrupt()

    def kill(self) -> None:
        """End it and all that it started."""
        self._process.kill()

    def close(self) -> None:
        """Kill what still runs, and close the pipes."""
        if self._process.poll() is None:
            self._process.kill()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._selector.close()

    def _read(self, key: selectors.SelectorKey) -> bool:
        """Read once from a pipe; False where there is nothing more for now, or for ever."""
        pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
        try:
            data = os.read(pipe.fileno(), 1 << 16)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(pipe)
            return False
        key.data(data)
        return True

    def _take_output(self, data: bytes) -> None:
        *whole, last = data.split(b"\n")
        for part in whole:
            self._take_line(self._line + part)
            self._line, self._skipping = b"", False
        self._line = b"" if self._skipping else self._line + last
        if len(self._line) > LONGEST_LINE:
            self._line, self._skipping = b"", True

    def _take_line(self, line: bytes) -> None:
        event = None if self._skipping else read_line(line)
        if isinstance(event, Outcome):
            self.outcome = event
        elif event is not None:
            self._events.append(event)
        elif line:
            self.tail.feed(line + b"\n")


def share_of_threads(settings: Settings) -> int:
    """Count the CPU threads of one process: `settings.threads`, OMP_NUM_THREADS, or an even share, at least 1."""
    return settings.threads or openmp_threads() or max(1, available_threads() // settings.concurrency)


def thread_variables(threads: int) -> dict[str, str]:
    """Build the environment that holds numerical libraries to so many threads; they read it when they are loaded."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return dict.fromkeys(names, str(threads))


def ending_in_words(status: int) -> str:
    """Say how a process ended: "was ended by SIGKILL", "exited with status 3"."""
    if status >= 0:
        return f"exited with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = " (often the kernel, for want of memory)" if status == -signal.SIGKILL else ""
    return f"was ended by {name}{hint}"
