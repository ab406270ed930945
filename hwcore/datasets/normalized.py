"""Normalisation of every channel of a dataset, before the DAC: codes of both signs around the mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import Float64, Int16, Integer

from hwcore.datasets.dataset import ChannelNormalization, Dataset

STEPS: Final = 32_767
"""Codes on either side of 0: 16 bits."""
AT_ONCE: Final = 1 << 22
"""Numbers of a dataset that are taken in double precision at once."""


def normalized_channels(dataset: Dataset) -> Dataset:
    """A dataset of (x - mean_c) / (std_c F), rounded to 16 bits, with mean and std of the channel c of an example.

    They are those of all training images, and F is the largest |x - mean_c| / std_c of them, so that no training image
    is clipped; a test image is, beyond that. A channel that never changes is 0. The padding of a convolution is 0:
    the mean of every channel.

    Args:
        dataset: with examples of any shape; a grey image, and a vector, is one channel.
    """
    channels = _by_channel(dataset.train_images, dataset)
    mean, std = _moments(channels)
    largest = 0.0
    for part in _parts(channels):
        largest = max(largest, float(np.abs((part - mean[:, None]) / std[:, None]).max()))
    factors = _Factors(mean, std, largest or 1.0)
    return replace(
        dataset,
        train_images=_coded(channels, factors).reshape(dataset.train_images.shape),
        test_images=_coded(_by_channel(dataset.test_images, dataset), factors).reshape(dataset.test_images.shape),
        full_scale=STEPS,
        signed=True,
        normalization=ChannelNormalization(tuple(mean.tolist()), tuple(std.tolist()), factors.largest),
    )


@dataclass(frozen=True)
class _Factors:
    mean: Float64[np.ndarray, " channels"]
    std: Float64[np.ndarray, " channels"]
    largest: float


def _by_channel(images: Integer[np.ndarray, "n ..."], dataset: Dataset) -> Integer[np.ndarray, "n channels size"]:
    shape = dataset.input_shape
    return images.reshape(len(images), shape[0] if len(shape) > 1 else 1, -1)


def _parts(channels: Integer[np.ndarray, "n channels size"]) -> Iterator[Float64[np.ndarray, "_part channels size"]]:
    each = max(1, AT_ONCE // channels[0].size)
    return (channels[first : first + each].astype(np.float64) for first in range(0, len(channels), each))


def _moments(
    channels: Integer[np.ndarray, "n channels size"],
) -> tuple[Float64[np.ndarray, " channels"], Float64[np.ndarray, " channels"]]:
    """Mean and standard deviation of every channel; 1 of one that never changes."""
    count = len(channels) * channels.shape[2]
    mean = sum(part.sum((0, 2)) for part in _parts(channels)) / count
    square = sum(np.square(part - mean[:, None]).sum((0, 2)) for part in _parts(channels)) / count
    return mean, np.where(square > 0, np.sqrt(square), 1.0)


def _coded(channels: Integer[np.ndarray, "n channels size"], factors: _Factors) -> Int16[np.ndarray, "n channels size"]:
    per_step = STEPS / (factors.std * factors.largest)
    codes, first = np.empty(channels.shape, dtype=np.int16), 0
    for part in _parts(channels):
        steps = np.rint((part - factors.mean[:, None]) * per_step[:, None])
        codes[first : first + len(part)] = steps.clip(-STEPS, STEPS)
        first += len(part)
    return codes
