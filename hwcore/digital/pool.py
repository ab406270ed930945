"""Pooling between array and activation: digital, and the same in training, in evaluation and on the chip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from hwcore.spec import Pool

OPERATIONS: Mapping[tuple[str, int], Callable[[Tensor, int], Tensor]] = MappingProxyType(
    {
        ("max", 1): F.max_pool1d,
        ("max", 2): F.max_pool2d,
        ("average", 1): F.avg_pool1d,
        ("average", 2): F.avg_pool2d,
    }
)
"""Functions of torch by type of pooling and number of directions of the map."""


def pooled(x: Float[Tensor, "batch channels ..."], pool: Pool | None) -> Float[Tensor, "batch channels ..."]:
    """Largest value or mean of every square of pool.size pixels; without a pool x itself.

    Args:
        x: maps, at least one square long in every direction; pixels beyond the last whole square are dropped.
        pool: what to take, and the edge of the square in pixels.
    """
    return x if pool is None else OPERATIONS[pool.type, x.ndim - 2](x, pool.size)
