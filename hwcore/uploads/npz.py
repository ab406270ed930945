"""The npz format: `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y`; and, if wanted, numbers about them."""

from io import BufferedIOBase
from typing import Final

from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.layout import Labelled, Layout
from hwcore.uploads.members import Members
from hwcore.uploads.npy_header import read_npy_header
from hwcore.uploads.refusal import damage_refused, refusal

SPLIT: Final = ("x_train", "y_train", "x_test", "y_test")
WHOLE: Final = ("x", "y")
FULL_SCALE: Final = "full_scale"
SIGNED: Final = "signed"
CHANNEL_AXIS: Final = "channel_axis"
NUMBERS: Final = (FULL_SCALE, SIGNED, CHANNEL_AXIS)
"""Arrays of one number."""
SMALLEST_SCALE: Final = 1e-30
LARGEST_SCALE: Final = 1e30
_SUFFIX: Final = ".npy"
"""Ending of a member, as numpy writes it; numpy reads a member without it under the same name, and so does mho."""
_ALLOWED: Final = "x_train, y_train, x_test and y_test, or x and y; with or without full_scale, signed and channel_axis"


def is_npz(members: Members) -> bool:
    """Tell whether a zip is meant as an npz: some member ends in `.npy`, or has the name of one of the arrays."""
    return any(name.endswith(_SUFFIX) or name in {*SPLIT, *WHOLE, *NUMBERS} for name in members.names)


def npz_layout(members: Members) -> Layout:
    """The arrays of an npz file, from their headers alone.

    Raises:
        UploadInvalid: an array is missing, unknown, there twice, of objects, or not as large as its header says.
    """
    names = _member_of_array(members)
    arrays = set(names) - set(NUMBERS)
    if arrays not in (set(SPLIT), set(WHOLE)):
        unknown = sorted(arrays - {*SPLIT, *WHOLE})
        if unknown:
            raise refusal(unknown[0], "an array of this name", _ALLOWED)
        raise refusal("", f"the arrays {', '.join(sorted(arrays)) or 'none'}", _ALLOWED)
    full_scale = _full_scale(members, names[FULL_SCALE]) if FULL_SCALE in names else None
    signed = _signed(members, names[SIGNED]) if SIGNED in names else None
    axis = _channel_axis(members, names[CHANNEL_AXIS]) if CHANNEL_AXIS in names else None
    sources = {name: _source(members, name, names[name]) for name in (*SPLIT, *WHOLE) if name in names}
    if arrays == set(WHOLE):
        return Layout("npz", Labelled(sources["x"], sources["y"]), None, full_scale, signed, axis)
    train, test = Labelled(sources["x_train"], sources["y_train"]), Labelled(sources["x_test"], sources["y_test"])
    return Layout("npz", train, test, full_scale, signed, axis)


def _member_of_array(members: Members) -> dict[str, str]:
    found: dict[str, str] = {}
    for member in members.names:
        name = member.removesuffix(_SUFFIX)
        if name in found:
            raise refusal(member, f"the same array twice, with and without {_SUFFIX}", "each array once")
        found[name] = member
    return found


def _source(members: Members, name: str, member: str) -> ArraySource:
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


def _number(members: Members, name: str, member: str) -> float:
    source = _source(members, name, member)
    if source.shape not in ((), (1,)):
        raise refusal(name, f"an array of shape {source.shape}", "one number")
    return float(source.only_value())


def _signed(members: Members, member: str) -> bool:
    value = _number(members, SIGNED, member)
    if value not in (0, 1):
        raise refusal(SIGNED, f"{value:g}", "0, or 1 for values of both signs")
    return bool(value)


def _channel_axis(members: Members, member: str) -> int:
    value = _number(members, CHANNEL_AXIS, member)
    if value not in (1, 2, 3, -1, -2, -3):
        raise refusal(CHANNEL_AXIS, f"{value:g}", "1, or the last axis (-1)")
    return int(value)


def _full_scale(members: Members, member: str) -> float:
    value = _number(members, FULL_SCALE, member)
    if not SMALLEST_SCALE <= value <= LARGEST_SCALE:
        raise refusal(FULL_SCALE, f"{value:g}", f"a number from {SMALLEST_SCALE:g} to {LARGEST_SCALE:g}")
    return value


def short_number(value: int) -> str:
    """Write a number with its thousands apart, or its order of magnitude where it is too long to read."""
    return f"{value:,}" if value.bit_length() <= 80 else f"about 2^{value.bit_length() - 1}"
