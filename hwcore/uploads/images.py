"""Images of a file, checked piece by piece and turned into bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import UInt8

from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.limits import Limits
from hwcore.uploads.refusal import UploadInvalid, refusal

BYTE: Final = 255
_SHAPES: Final = "(n, features), (n, height, width) or (n, height, width, 1): one channel"


@dataclass(frozen=True)
class Scale:
    """Conversion of values into bytes.

    Attributes:
        full: the value of a fully inked pixel.
        coded: whether values are rounded to 8 bits (floating point), or are bytes already.
    """

    full: float
    coded: bool

    @property
    def full_scale(self) -> int:
        """The byte of a fully inked pixel."""
        return BYTE if self.coded else int(self.full)


def image_shape(source: ArraySource, limits: Limits) -> tuple[int, int]:
    """Height and width of the images; a vector of features is one row.

    Raises:
        UploadInvalid: several channels, no images at all, or too many or too large ones.
    """
    shape = source.shape
    if len(shape) == 4 and shape[3] == 1:
        shape = shape[:3]
    if len(shape) == 2:
        shape = (shape[0], 1, shape[1])
    if len(shape) != 3:
        raise refusal(source.name, f"shape {_text(source.shape)}", _SHAPES)
    count, height, width = shape
    if not 1 <= count <= limits.examples:
        raise refusal(source.name, f"shape {_text(source.shape)}", f"1 to {limits.examples:,} examples")
    if not 1 <= height * width <= limits.pixels:
        raise refusal(source.name, f"shape {_text(source.shape)}", f"1 to {limits.pixels:,} pixels an image")
    return height, width


def image_scale(source: ArraySource, full_scale: float | None) -> Scale:
    """Choose the conversion of this array's values into bytes.

    Raises:
        UploadInvalid: neither unsigned bytes nor floating point; a full scale that no byte can have.
    """
    if source.dtype == np.uint8:
        full = float(BYTE) if full_scale is None else full_scale
        if full != int(full) or not 1 <= full <= BYTE:
            raise refusal("full_scale", f"{full:g}", "a whole number from 1 to 255 where the images are uint8")
        return Scale(full, coded=False)
    if source.dtype.kind == "f":
        return Scale(1.0 if full_scale is None else full_scale, coded=True)
    allowed = "uint8 (0 to full_scale, 255 unless given), or floating point (0 to full_scale, 1 unless given)"
    raise refusal(source.name, f"values of type {source.dtype.name}", f"{allowed}; numpy.astype converts")


def image_pieces(source: ArraySource, scale: Scale, shape: tuple[int, int]) -> Iterator[UInt8[np.ndarray, "n h w"]]:
    """The images as bytes, 0 to `scale.full_scale`, a piece at a time.

    Raises:
        UploadInvalid: a value that is not finite, below 0 or above the full scale; damaged bytes.
    """
    first = 0
    for piece in source.pieces():
        # Not a number comes through both, and is neither.
        if not (float(piece.min()) >= 0 and float(piece.max()) <= scale.full):
            raise _outside(source, scale, piece, first)
        first += len(piece)
        yield _bytes(piece, scale).reshape(len(piece), *shape)


def _outside(source: ArraySource, scale: Scale, piece: np.ndarray[Any, np.dtype[Any]], first: int) -> UploadInvalid:
    values = piece.astype(np.float64)
    place = np.argwhere(~((values >= 0) & (values <= scale.full)))[0]
    at = ", ".join(str(index) for index in (first + place[0], *place[1:]))
    allowed = f"finite numbers from 0 to {scale.full:g} (set full_scale to change that)"
    return refusal(source.name, f"{piece[tuple(place)]!s} at [{at}]", allowed)


def _bytes(piece: np.ndarray[Any, np.dtype[Any]], scale: Scale) -> np.ndarray[Any, np.dtype[np.uint8]]:
    if not scale.coded:
        return piece.astype(np.uint8, copy=False)
    return np.floor(piece.astype(np.float64) * (BYTE / scale.full) + 0.5).astype(np.uint8)


def _text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(f'{length:,}' if length < 1 << 63 else 'more than 2^63' for length in shape)})"
