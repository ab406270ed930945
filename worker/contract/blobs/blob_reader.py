"""A blob of a bucket as a file: each read is a request for a range, so wrap it in a buffer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any


class BlobReader(io.RawIOBase):
    """The bytes of one blob, to be read from any place.

    Args:
        read: gives the bytes of a blob from a place up to another, as `BlobStore.read`.
        sha256: the blob.
        size: its length in bytes.
    """

    def __init__(self, read: Callable[[str, int, int], Iterator[bytes]], sha256: str, size: int) -> None:
        self._read = read
        self._sha256 = sha256
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be sought in."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; the end of the blob is known."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"got the place {base + offset}; allowed: from 0 on")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the blob goes."""
        view = memoryview(buffer).cast("B")
        end = min(self._place + len(view), self._size)
        filled = 0
        if self._place < end:
            for chunk in self._read(self._sha256, self._place, end):
                view[filled : filled + len(chunk)] = chunk
                filled += len(chunk)
        self._place += filled
        return filled
