"""The npz format: `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y`; and, if wanted, `full_scale`."""

from io import BufferedIOBase
from typing import Final

import numpy as np

from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.layout import Labelled, Layout
from hwcore.uploads.members import Members
from hwcore.uploads.npy_header import read_npy_header
from hwcore.uploads.refusal import damage_refused, refusal

SPLIT: Final = ("x_train", "y_train", "x_test", "y_test")
WHOLE: Final = ("x", "y")
FULL_SCALE: Final = "full_scale"
SMALLEST_SCALE: Final = 1e-30
LARGEST_SCALE: Final = 1e30
_SUFFIX: Final = ".npy"
_ALLOWED: Final = "x_train, y_train, x_test and y_test, or x and y; with or without full_scale"


def npz_layout(members: Members) -> Layout:
    """The arrays of an npz file, from their headers alone.

    Raises:
        UploadInvalid: an array is missing, unknown, of objects, or not as large as its header says.
    """
    names = {name.removesuffix(_SUFFIX) if name.endswith(_SUFFIX) else name for name in members.names}
    arrays = names - {FULL_SCALE}
    if arrays not in (set(SPLIT), set(WHOLE)):
        unknown = sorted(arrays - {*SPLIT, *WHOLE})
        if unknown:
            raise refusal(unknown[0], "an array of this name", _ALLOWED)
        raise refusal("", f"the arrays {', '.join(sorted(arrays)) or 'none'}", _ALLOWED)
    full_scale = _full_scale(members) if FULL_SCALE in names else None
    train, test = (SPLIT[:2], SPLIT[2:]) if arrays == set(SPLIT) else (WHOLE, None)
    return Layout("npz", _labelled(members, *train), None if test is None else _labelled(members, *test), full_scale)


def _labelled(members: Members, images: str, labels: str) -> Labelled:
    return Labelled(_source(members, images), _source(members, labels))


def _source(members: Members, name: str) -> ArraySource:
    member = name + _SUFFIX
    with members.open(member) as stream, damage_refused(name):
        header = read_npy_header(stream, name)

    def values() -> BufferedIOBase:
        stream = members.open(member)
        # Not a seek, which would trust the position: the header is read past, as before.
        stream.read(header.size)
        return stream

    source = ArraySource(name, header.shape, header.dtype, values)
    held = members.size(member) - header.size
    if source.nbytes != held:
        got = f"a header that promises {short_number(source.nbytes)} bytes, and {held:,} bytes of values"
        raise refusal(name, got, "as many as the header says")
    return source


def _full_scale(members: Members) -> float:
    source = _source(members, FULL_SCALE)
    if source.shape not in ((), (1,)):
        raise refusal(FULL_SCALE, f"an array of shape {source.shape}", "one number")
    with source.open() as stream, damage_refused(FULL_SCALE):
        value = float(np.frombuffer(stream.read(source.nbytes), source.dtype)[0])
    if not SMALLEST_SCALE <= value <= LARGEST_SCALE:
        raise refusal(FULL_SCALE, f"{value:g}", f"a number from {SMALLEST_SCALE:g} to {LARGEST_SCALE:g}")
    return value


def short_number(value: int) -> str:
    """A number with thousands apart, or its order of magnitude where nobody would read it."""
    return f"{value:,}" if value.bit_length() <= 80 else f"about 2^{value.bit_length() - 1}"
