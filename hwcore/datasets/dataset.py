"""A labelled set of images, series or vectors, as every part of mho receives it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, Integer


@dataclass(frozen=True)
class ChannelNormalization:
    """Normalisation of the channels of a dataset: (x - mean) / (std largest) is an input, x in the dataset's values.

    Attributes:
        mean, std: of each channel.
        largest: the largest |x - mean| / std that an input can be.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    largest: float


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images upright, labels from 0, training and test apart.

    An example is called an image here whatever it is: (height, width) of a grey image, (channels, height, width),
    (channels, length) of a series, (units,) of a vector.

    Args:
        name: the name in a job ("digits", "mnist").
        origin: where it came from, for a person; holds no path.
        split: how many images it has, for a person; says so where this is not the official split.
        train_images: whole numbers from 0 to `full_scale`, of signed data from -`full_scale`.
        train_labels: classes, 0 to `classes` - 1; or the numbers that a network is to find.
        test_images: likewise.
        test_labels: likewise.
        classes: number of classes, or of numbers that an example has.
        full_scale: the value that becomes the input 1, as that of a fully inked pixel; 255, and 16 for digits.
        signed: whether values have both signs.
        series: whether examples of two dimensions are (channels, length) and not (height, width).
        normalization: of the channels, of which the values are; None: they are as they came.
        warnings: what is probably not meant of it; none where it is as published.
    """

    name: str
    origin: str
    split: str
    train_images: Integer[np.ndarray, "train *shape"]
    train_labels: Int64[np.ndarray, " train"] | Float32[np.ndarray, "train outputs"]
    test_images: Integer[np.ndarray, "test *shape"]
    test_labels: Int64[np.ndarray, " test"] | Float32[np.ndarray, "test outputs"]
    classes: int
    full_scale: int
    signed: bool = False
    series: bool = False
    normalization: ChannelNormalization | None = None
    warnings: tuple[str, ...] = ()

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example with its channels: (channels, height, width), (channels, length) or (units,)."""
        shape = self.train_images.shape[1:]
        return (1, *shape) if len(shape) == 2 and not self.series else shape
