"""Pooling between array and activation: digital, and the same in training, in evaluation and on the chip."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from hwcore.spec import Pool


def pooled(
    x: Float[Tensor, "batch channels height width"], pool: Pool | None
) -> Float[Tensor, "batch channels out_height out_width"]:
    """Largest value or mean of every square of pool.size pixels; without a pool x itself.

    Args:
        x: at least one square high and wide; pixels beyond the last whole square are dropped.
        pool: what to take, and the edge of the square in pixels.
    """
    if pool is None:
        return x
    return F.max_pool2d(x, pool.size) if pool.type == "max" else F.avg_pool2d(x, pool.size)
