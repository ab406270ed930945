"""The last lines that a process wrote, in bounded memory."""

from __future__ import annotations

from collections import deque


class LogTail:
    """Keeps the end of a stream.

    Args:
        lines: number of lines that are kept.
        width: bytes of a line that are kept.
    """

    def __init__(self, lines: int = 50, width: int = 500) -> None:
        self._lines: deque[bytes] = deque(maxlen=lines)
        self._width = width
        self._open = b""

    def feed(self, data: bytes) -> None:
        """Take in the next part of the stream."""
        *whole, last = data.split(b"\n")
        for part in whole:
            self._lines.append((self._open + part)[: self._width])
            self._open = b""
        self._open = (self._open + last)[: self._width]

    def last(self, count: int) -> list[str]:
        """The last `count` lines that are not empty."""
        kept = [line.decode(errors="replace").rstrip() for line in (*self._lines, self._open)]
        return [line for line in kept if line][-count:]
