"""The IDX format: the four files of MNIST under their names in one zip, each plain or in gzip."""

import gzip
import math
import struct
from io import BufferedIOBase
from typing import Final

import numpy as np

from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.layout import Labelled, Layout
from hwcore.uploads.limits import Limits
from hwcore.uploads.members import Members
from hwcore.uploads.refusal import damage_refused, refusal

NAMES: Final = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_GZIP_RATIO: Final = 1032
"""The most that deflate can pack into one byte (RFC 1951)."""
_ALLOWED: Final = f"{', '.join(NAMES)}, each as it is or with .gz, in no folder (zip -j); or an npz file"


def idx_layout(members: Members, limits: Limits) -> Layout:
    """The arrays of a zip of IDX files, from their headers alone.

    Raises:
        UploadInvalid: a file is missing, unknown, there twice, or not as large as its header says.
    """
    found: dict[str, str] = {}
    for member in members.names:
        name = member.removesuffix(".gz")
        if name not in NAMES:
            raise refusal(member, "a member of this name", _ALLOWED)
        if name in found:
            raise refusal(member, "the same file twice, with and without .gz", "each once")
        found[name] = member
    missing = [name for name in NAMES if name not in found]
    if missing:
        raise refusal("", f"no {', no '.join(missing)}", _ALLOWED)
    sources = [_source(members, found[name], 3 if "idx3" in name else 1, limits) for name in NAMES]
    return Layout("idx", Labelled(*sources[:2]), Labelled(*sources[2:]), None)


def _source(members: Members, member: str, dimensions: int, limits: Limits) -> ArraySource:
    header = 4 + 4 * dimensions
    with members.open(member) as stream, damage_refused(member):
        packed = stream.read(2) == b"\x1f\x8b"
    with _unpacked(members, member, packed) as stream, damage_refused(member):
        start = stream.read(header)
    if len(start) < header or start[:4] != bytes((0, 0, 8, dimensions)):
        raise refusal(member, f"bytes 0x{start[:4].hex()}", f"IDX of unsigned bytes, 0x0000080{dimensions}")
    shape = struct.unpack(f">{dimensions}I", start[4:])

    def values() -> BufferedIOBase:
        stream = _unpacked(members, member, packed)
        stream.read(header)
        return stream

    promised, held = math.prod(shape), members.size(member)
    if not packed and promised != held - header:
        raise refusal(member, f"a header that promises {promised:,} bytes, and {held - header:,} bytes", "as many")
    most = min(limits.unpacked_bytes, held * _GZIP_RATIO)
    if packed and promised > most:
        raise refusal(member, f"a header that promises {promised:,} bytes", f"at most {most:,} in this file")
    return ArraySource(member, shape, np.dtype(np.uint8), values)


def _unpacked(members: Members, member: str, packed: bool) -> BufferedIOBase:
    stream = members.open(member)
    return gzip.GzipFile(fileobj=stream) if packed else stream
