"""Arrangement of an array of examples: which axis holds the channels, and what is left of one example."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.limits import Limits
from hwcore.uploads.refusal import refusal

_SHAPES: Final = (
    "(n, features), (n, height, width) or (n, height, width, 1): one channel; several channels with channel_axis: "
    "(n, channels, height, width), (n, height, width, channels), (n, channels, length), (n, length, channels)"
)


@dataclass(frozen=True)
class Arrangement:
    """Shape of one example, with its channels in front.

    Attributes:
        shape: (height, width) of a grey image, (1, features) of a vector, (channels, height, width), or
            (channels, length) of a series.
        series: whether two lengths are (channels, length).
        moved: axis of the channels in the file, where it is not the first one behind the examples; None: nothing moves.
    """

    shape: tuple[int, ...]
    series: bool = False
    moved: int | None = None

    @property
    def channels(self) -> int:
        """Number of channels; one of a grey image or a vector."""
        return self.shape[0] if self.series or len(self.shape) == 3 else 1

    @property
    def size(self) -> tuple[int, int]:
        """Height and width; a series is one row, and so is a vector."""
        return (1, self.shape[1]) if self.series else (self.shape[-2], self.shape[-1])

    @property
    def text(self) -> str:
        """The shape in words: "28 x 28", "3 x 32 x 32", "10 channels of 49"."""
        if self.series:
            return f"{self.shape[0]} channels of {self.shape[1]}"
        return " x ".join(map(str, self.shape))

    def arranged(self, piece: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
        """Some examples as they are in the file, with their channels in front."""
        moved = piece if self.moved is None else np.moveaxis(piece, self.moved, 1)
        return moved.reshape(len(piece), *self.shape)


def arrangement(source: ArraySource, channel_axis: int | None, limits: Limits) -> Arrangement:
    """Arrangement of the examples of an array.

    Args:
        source: of the examples.
        channel_axis: as the file says it, from the front or from the end; None: one channel.
        limits: the most that is accepted.

    Raises:
        UploadInvalid: channels that nothing was said of, no examples at all, or too many or too large ones.
    """
    found = _arrangement(source, channel_axis)
    count = source.shape[0]
    if not 1 <= count <= limits.examples:
        raise refusal(source.name, f"shape {shape_text(source.shape)}", f"1 to {limits.examples:,} examples")
    size = 1
    for length in found.shape:
        size *= length
    if not 1 <= size <= limits.pixels:
        raise refusal(source.name, f"shape {shape_text(source.shape)}", f"1 to {limits.pixels:,} pixels an image")
    return found


def _arrangement(source: ArraySource, channel_axis: int | None) -> Arrangement:
    shape = source.shape
    if channel_axis is not None:
        axis = channel_axis + len(shape) if channel_axis < 0 else channel_axis
        if len(shape) not in (3, 4) or axis not in (1, len(shape) - 1):
            got = f"{channel_axis} for {source.name} of shape {shape_text(shape)}"
            raise refusal("channel_axis", got, "1 or the last axis (-1) of an array of three or four dimensions")
        lengths = [shape[axis], *(length for i, length in enumerate(shape[1:], start=1) if i != axis)]
        return Arrangement(tuple(lengths), series=len(shape) == 3, moved=None if axis == 1 else axis)
    if len(shape) == 4 and shape[3] == 1:
        shape = shape[:3]
    if len(shape) == 2:
        shape = (shape[0], 1, shape[1])
    if len(shape) != 3:
        raise refusal(source.name, f"shape {shape_text(source.shape)}", _SHAPES)
    return Arrangement(shape[1:])


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape with its thousands apart, whatever a header promises."""
    return f"({', '.join(f'{length:,}' if length < 1 << 63 else 'more than 2^63' for length in shape)})"
