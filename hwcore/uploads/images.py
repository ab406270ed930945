"""Images, series and vectors of a file, checked piece by piece and turned into whole numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Integer

from hwcore.uploads.arrangement import Arrangement
from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.refusal import UploadInvalid, refusal

BYTE: Final = 255
SIGNED: Final = 32_767
"""Codes of signed floating point on either side of zero: 16 bits."""
_WHOLE: Final = {"uint8": 255, "uint16": 65_535, "int8": 128, "int16": 32_768}
"""Whole types by their largest full scale, which is theirs where the file says none."""
_TYPES: Final = (
    "uint8 (0 to full_scale, 255 unless given), uint16 (65,535), int8 and int16 (of both signs, 128 and 32,768), or "
    "floating point (0 to full_scale, 1 unless given; with signed of both signs)"
)


@dataclass(frozen=True)
class Scale:
    """Conversion of values into whole numbers.

    Attributes:
        full: the value that becomes the input 1, as that of a fully inked pixel.
        stored: type of the whole numbers.
        coded: whether values are rounded (floating point), or are whole numbers already.
        signed: whether values have both signs.
    """

    full: float
    stored: np.dtype[Any]
    coded: bool
    signed: bool = False

    @property
    def full_scale(self) -> int:
        """The whole number that `full` becomes."""
        if not self.coded:
            return int(self.full)
        return SIGNED if self.signed else BYTE

    @property
    def lowest(self) -> float:
        """The lowest value that there may be."""
        return -self.full if self.signed else 0.0


def image_scale(source: ArraySource, full_scale: float | None, signed: bool | None) -> Scale:
    """Choose the conversion of this array's values into whole numbers.

    Args:
        source: of the values.
        full_scale, signed: as the file says; None: it says nothing.

    Raises:
        UploadInvalid: a type that is not read, a full scale that no value of its type has, or a sign that it has not.
    """
    kind = source.dtype.kind
    if source.dtype.name in _WHOLE:
        most = _WHOLE[source.dtype.name]
        full = float(most) if full_scale is None else full_scale
        if full != int(full) or not 1 <= full <= most:
            allowed = f"a whole number from 1 to {most} where the images are {source.dtype.name}"
            raise refusal("full_scale", f"{full:g}", allowed)
        if signed is not None and signed != (kind == "i"):
            allowed = f"{int(kind == 'i')}, or nothing, where the images are {source.dtype.name}"
            raise refusal("signed", f"{int(signed)}", allowed)
        return Scale(full, source.dtype.newbyteorder("="), coded=False, signed=kind == "i")
    if kind == "f":
        stored = np.dtype(np.int16 if signed else np.uint8)
        return Scale(1.0 if full_scale is None else full_scale, stored, coded=True, signed=bool(signed))
    raise refusal(source.name, f"values of type {source.dtype.name}", f"{_TYPES}; numpy.astype converts")


def image_pieces(
    source: ArraySource, scale: Scale, arrangement: Arrangement
) -> Iterator[Integer[np.ndarray, "n *shape"]]:
    """The examples as whole numbers, channels first, up to `scale.full_scale` in size, a piece at a time.

    Raises:
        UploadInvalid: a value that is not finite, or beyond the full scale; damaged bytes.
    """
    first = 0
    for piece in source.pieces():
        # Not a number comes through both, and is neither.
        if not (float(piece.min()) >= scale.lowest and float(piece.max()) <= scale.full):
            raise _outside(source, scale, piece, first)
        first += len(piece)
        yield arrangement.arranged(_whole(piece, scale))


def _outside(source: ArraySource, scale: Scale, piece: np.ndarray[Any, np.dtype[Any]], first: int) -> UploadInvalid:
    values = piece.astype(np.float64)
    place = np.argwhere(~((values >= scale.lowest) & (values <= scale.full)))[0]
    at = ", ".join(str(index) for index in (first + place[0], *place[1:]))
    changes = "set full_scale to change that"
    if scale.coded and not scale.signed and values[tuple(place)] < 0:
        changes += ", signed to 1 for values of both signs"
    allowed = f"finite numbers from {scale.lowest:g} to {scale.full:g} ({changes})"
    return refusal(source.name, f"{piece[tuple(place)]!s} at [{at}]", allowed)


def _whole(piece: np.ndarray[Any, np.dtype[Any]], scale: Scale) -> np.ndarray[Any, np.dtype[Any]]:
    if not scale.coded:
        return piece.astype(scale.stored, copy=False)
    return np.floor(piece.astype(np.float64) * (scale.full_scale / scale.full) + 0.5).astype(scale.stored)
