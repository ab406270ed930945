"""Layout of a file: the arrays that are images and labels, to train on and to test on."""

from dataclasses import dataclass
from typing import Literal

from hwcore.uploads.array_source import ArraySource

Format = Literal["npz", "idx"]


@dataclass(frozen=True)
class Labelled:
    """Images and their labels, or the numbers that are to be found for them."""

    images: ArraySource
    labels: ArraySource


@dataclass(frozen=True)
class Layout:
    """The arrays of a file.

    Attributes:
        format: how they are stored.
        train: to train on; everything, where `test` is None.
        test: to test on; None: a fifth of each class is taken from `train`.
        full_scale: the value of a fully inked pixel as the file says; None where it says nothing.
        signed: whether floating-point values have both signs, as the file says; None where it says nothing.
        channel_axis: axis of the channels, as the file says; None where it says nothing.
    """

    format: Format
    train: Labelled
    test: Labelled | None
    full_scale: float | None
    signed: bool | None = None
    channel_axis: int | None = None
