"""Standard streams of a command: a lost stream costs no file, and no text steers a terminal.

The only place that looks after closed, full and broken streams, and the last one that all output passes.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast, final

from worker.contract.process.harmless import harmless

UNWRITTEN = 4
"""Exit code where what a command prints is what it is for, and could not be written."""
BROKEN_PIPE = 141
"""The same where its reader has gone, as for programs that the signal SIGPIPE ends (128 + 13)."""


class OutputLost(Exception):
    """Standard output cannot be written, and the command is to end."""


@final
class Door(io.TextIOBase):
    """Stream that survives its own loss: after the first error, text is dropped.

    Args:
        stream: the stream behind it; None where it was closed when the process began.

    Attributes:
        lost: the error, once there was one.
        raises: whether what is written after a loss raises `OutputLost`.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.lost: OSError | None = None
        self.raises = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Encoding of the stream."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write the text as it is."""
        if text and self.lost is None:
            try:
                self._write(text)
            except (OSError, ValueError) as error:
                self._lose(error)
        self._end()
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        if self._stream is not None and self.lost is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._lose(error)
        self._end()

    def isatty(self) -> bool:
        """Tell whether the stream is a terminal."""
        with suppress(ValueError):
            return self._stream is not None and self._stream.isatty()
        return False

    def fileno(self) -> int:
        """The descriptor of the stream."""
        if self._stream is None:
            raise io.UnsupportedOperation("the stream is closed")
        return self._stream.fileno()

    def writable(self) -> bool:
        """Return True."""
        return True

    def _write(self, text: str) -> None:
        """Write to the stream; what it has no character for is written as an escape."""
        if self._stream is None:
            raise OSError(errno.EBADF, "it is closed")
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            encoding = self.encoding
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))

    def _lose(self, error: OSError | ValueError) -> None:
        """Remember the loss, and let what is still on its way vanish: at its end Python would try once more."""
        self.lost = error if isinstance(error, OSError) else OSError(errno.EBADF, str(error))
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(nowhere, self.fileno())
            finally:
                os.close(nowhere)

    def _end(self) -> None:
        """End the command where `raises` is set; a thread that draws a bar cannot end it."""
        if self.raises and self.lost is not None and threading.current_thread() is threading.main_thread():
            raise OutputLost


@final
class HarmlessText(io.TextIOBase):
    """Text of a command, in which every character that would steer a terminal is written as an escape.

    Args:
        door: where to.
        drawn_upon: whether rich may draw there: `worker.contract.process.console` has its own hand on the text then.
    """

    def __init__(self, door: Door, *, drawn_upon: bool) -> None:
        self._door = door
        self._drawn_upon = drawn_upon
        if drawn_upon:
            # Where rich writes instead of to this object.
            self.rich_proxied_file = door

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Encoding of the stream."""
        return self._door.encoding

    def write(self, text: str) -> int:
        """Write the text with its steering characters as escapes."""
        self._door.write(harmless(text))
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self._door.flush()

    def isatty(self) -> bool:
        """Tell whether colours may be used: on a terminal, unless they would be shown as escapes."""
        return self._drawn_upon and self._door.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream."""
        return self._door.fileno()

    def writable(self) -> bool:
        """Return True."""
        return True


@final
class Streams:
    """Standard output and standard error of one command.

    Args:
        out: standard output, None where it is closed.
        err: standard error, None where it is closed.

    Attributes:
        needed: whether what the command prints is what it is for; otherwise it leaves files or runs a service.
    """

    def __init__(self, out: TextIO | None, err: TextIO | None) -> None:
        self._out, self._err = Door(out), Door(err)
        self.out = cast(TextIO, HarmlessText(self._out, drawn_upon=True))
        self.err = cast(TextIO, HarmlessText(self._err, drawn_upon=False))
        self.needed = True

    def end_when_lost(self) -> None:
        """Raise `OutputLost` at the next loss of standard output, for a command that would print on and on."""
        self._out.raises = True

    def settled(self, code: int) -> int:
        """The exit code, now that the command has done all it had to.

        Says in one sentence why standard output could not be written, unless its reader has gone.

        Args:
            code: the command's own.
        """
        self._out.raises = False
        self._out.flush()
        lost = self._out.lost
        if lost is not None and lost.errno != errno.EPIPE:
            self.err.write(f"mho: standard output cannot be written: {lost.strerror}\n")
        self._err.flush()
        if lost is None or code != 0 or not self.needed:
            return code
        return BROKEN_PIPE if lost.errno == errno.EPIPE else UNWRITTEN


@contextmanager
def guarded_streams() -> Iterator[Streams]:
    """Everything that is printed inside goes through `Streams`."""
    before = sys.stdout, sys.stderr
    streams = Streams(*before)
    sys.stdout, sys.stderr = streams.out, streams.err
    try:
        yield streams
    finally:
        sys.stdout, sys.stderr = before


def keep_standard_descriptors() -> None:
    """Open what is closed of the descriptors 0, 1 and 2 upon nothing, for this process and those that it starts.

    The next file that is opened would become the standard output of some library otherwise.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, True)
