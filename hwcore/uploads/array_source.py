"""One array of a file: its shape and type are known, its values are read in pieces."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any

import numpy as np

from hwcore.uploads.limits import PIECE_BYTES
from hwcore.uploads.refusal import damage_refused, refusal


@dataclass(frozen=True)
class ArraySource:
    """One array.

    Attributes:
        name: as people call it, e.g. "x_train".
        shape: as its header says.
        dtype: of its values.
        open: gives a stream that stands at the first value.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    open: Callable[[], BufferedIOBase]

    @property
    def nbytes(self) -> int:
        """Size of all values."""
        size = self.dtype.itemsize
        for length in self.shape:
            size *= length
        return size

    def pieces(self) -> Iterator[np.ndarray[Any, np.dtype[Any]]]:
        """The array in order along its first axis, about a mebibyte at a time.

        Raises:
            UploadInvalid: damaged, fewer or more bytes than the header says.
        """
        count = self.shape[0]
        per_row = max(1, self.nbytes // max(1, count))
        rows = max(1, PIECE_BYTES // per_row)
        with damage_refused(self.name):
            stream = self.open()
        try:
            for first in range(0, count, rows):
                wanted = min(rows, count - first)
                data = self._exactly(stream, wanted * per_row)
                yield np.frombuffer(data, self.dtype).reshape(wanted, *self.shape[1:])
            with damage_refused(self.name):
                # At the end, checksums are compared as well.
                if stream.read(1):
                    raise refusal(self.name, "more bytes than its header says", f"{self.nbytes:,} bytes of values")
        finally:
            stream.close()

    def only_value(self) -> np.generic:
        """The value of an array of one.

        Raises:
            UploadInvalid: damaged, or fewer bytes than the header says.
        """
        with damage_refused(self.name):
            stream = self.open()
        with stream:
            value: np.generic = np.frombuffer(self._exactly(stream, self.nbytes), self.dtype)[0]
        return value

    def _exactly(self, stream: BufferedIOBase, wanted: int) -> bytes:
        parts, held = [], 0
        with damage_refused(self.name):
            while held < wanted:
                part = stream.read(wanted - held)
                if not part:
                    raise refusal(self.name, "fewer bytes than its header says", f"{self.nbytes:,} bytes of values")
                parts.append(part)
                held += len(part)
        return b"".join(parts)
