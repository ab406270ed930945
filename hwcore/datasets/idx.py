"""The IDX format of the MNIST distribution: a big-endian header with the sizes, then the bytes; plain or in gzip.

magic = 00 00 08 d (08: unsigned bytes, d: number of dimensions), then d sizes of 4 bytes, then their product of bytes.
The header is judged before anything is allocated, and no more than it promises (and one byte) is ever unpacked.
Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
"""

import gzip
import math
import stat
import struct
import zlib
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from hwcore.errors import DatasetInvalid

LARGEST = 2**32
"""Bytes of one array above which a header is not believed; the largest of the EMNIST family has 547 million."""

GZIP_RATIO = 1032
"""The most that deflate can pack into one byte (RFC 1951: 258 bytes from 2 bits)."""

_CHUNK = 1 << 20
_KINDS = {1: "labels, one dimension", 3: "images, three dimensions"}


def read_idx(path: Path, *, dimensions: int | None = None) -> UInt8[np.ndarray, "..."]:
    """Read one IDX file of unsigned bytes.

    Args:
        path: the file; whether it is gzip is seen from its first bytes, not from its name.
        dimensions: how many the array must have (1 for labels, 3 for images); None takes 1 to 4.

    Returns:
        The array, of the sizes in the header, writable.

    Raises:
        DatasetInvalid: not a readable file, not IDX, of another kind, empty, shorter or longer than its header says.
    """
    try:
        size = _size_of_regular_file(path)
        with path.open("rb") as raw:
            if raw.read(2) == b"\x1f\x8b":
                raw.seek(0)
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    return _read(unpacked, path, dimensions, most=size * GZIP_RATIO)
            raw.seek(0)
            shape = _read_shape(raw, path, dimensions)
            promised, held = math.prod(shape), size - raw.tell()
            if held != promised:
                raise _fault(path, f"{held:,} bytes after the header", f"the {promised:,} bytes of {_times(shape)}")
            raw.seek(0)
            return _read(raw, path, dimensions, most=size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _fault(path, f"a broken gzip file ({error})", "a whole one; fetch it again") from error
    except OSError as error:
        raise _fault(path, error.strerror or str(error), "a file that this user can read") from error


def _read(stream: BufferedIOBase, path: Path, dimensions: int | None, most: int) -> UInt8[np.ndarray, "..."]:
    shape = _read_shape(stream, path, dimensions)
    promised = math.prod(shape)
    if promised > min(most, LARGEST):
        raise _fault(
            path, f"a header that promises {_times(shape)} bytes", f"at most {min(most, LARGEST):,} in this file"
        )
    data = np.empty(promised, dtype=np.uint8)
    view, filled = data.data, 0
    while filled < promised:
        count = stream.readinto(view[filled : filled + _CHUNK])
        if not count:
            raise _fault(path, f"{filled:,} bytes after the header", f"the {promised:,} bytes of {_times(shape)}")
        filled += count
    # At the end of a gzip file this read checks length and CRC-32 as well.
    if stream.read(1):
        raise _fault(path, "more bytes than the header says", f"the {promised:,} bytes of {_times(shape)}")
    return data.reshape(shape)


def _read_shape(stream: BufferedIOBase, path: Path, dimensions: int | None) -> tuple[int, ...]:
    magic = stream.read(4)
    kind_wanted = _KINDS.get(dimensions or 0, f"{dimensions or '1 to 4'} dimensions")
    if len(magic) < 4 or magic[:3] != b"\x00\x00\x08" or not 1 <= magic[3] <= 4:
        beginning = f"magic number 0x{magic.hex()}" if magic else "an empty file"
        raise _fault(
            path, beginning, f"IDX of unsigned bytes, magic number 0x0000080{dimensions or 'd'} ({kind_wanted})"
        )
    if dimensions is not None and magic[3] != dimensions:
        kind = _KINDS.get(magic[3], f"{magic[3]} dimensions")
        raise _fault(path, f"magic number 0x{magic.hex()} ({kind})", f"0x0000080{dimensions} ({kind_wanted})")
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise _fault(path, "a file that ends within its header", f"{4 + 4 * magic[3]} bytes of header")
    shape = struct.unpack(f">{magic[3]}I", sizes)
    if 0 in shape:
        raise _fault(path, f"sizes {_times(shape)}", "at least one of everything")
    return shape


def _size_of_regular_file(path: Path) -> int:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise _fault(path, "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file", "an IDX file")
    return status.st_size


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape)


def _fault(path: Path, came: str, expected: str) -> DatasetInvalid:
    return DatasetInvalid(f"{path}: got {came}; expected {expected}")
