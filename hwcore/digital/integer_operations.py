"""Pooling of whole numbers: the largest one, or the mean, rounded."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Int64
from torch import Tensor

from hwcore.digital.rounding import divided
from hwcore.spec import Pixels, Rounding


class IntegerOperations:
    """Functions on whole numbers that no method of a tensor offers.

    Args:
        rounding: of a mean.
    """

    def __init__(self, rounding: Rounding) -> None:
        self.rounding: Rounding = rounding

    def max_pool(
        self, x: Int64[Tensor, "batch channels ..."], size: Pixels, stride: Pixels, padding: Pixels
    ) -> Int64[Tensor, "batch channels ..."]:
        """Largest number of every square; padded pixels are never the largest."""
        return _squares(x, size, stride, padding, torch.iinfo(torch.int64).min).amax(_last(size))

    def average_pool(
        self, x: Int64[Tensor, "batch channels ..."], size: Pixels, stride: Pixels, padding: Pixels
    ) -> Int64[Tensor, "batch channels ..."]:
        """Sum of every square, exact, over its number of pixels, rounded; padded pixels are zeros."""
        total = _squares(x, size, stride, padding, 0).sum(_last(size))
        return divided(total, math.prod(size), self.rounding)

    def concat(self, parts: Sequence[Int64[Tensor, "batch _channels ..."]]) -> Int64[Tensor, "batch _joined ..."]:
        """Parts one after the other along axis 1."""
        return torch.cat(list(parts), 1)


def _last(size: Pixels) -> tuple[int, ...]:
    return tuple(range(-len(size), 0))


def _squares(x: Tensor, size: Pixels, stride: Pixels, padding: Pixels, filling: int) -> Tensor:
    """(batch, channels, *squares, *size): a view where nothing is padded."""
    if any(padding):
        x = F.pad(x, [pad for each in reversed(padding) for pad in (each, each)], value=filling)
    for direction, (length, step) in enumerate(zip(size, stride, strict=True), start=2):
        x = x.unfold(direction, length, step)
    return x
