"""Functions of torch that kinds of nodes call: the same in training, in evaluation and on the chip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from hwcore.spec import Pixels

POOLS: Final[Mapping[tuple[str, int], Callable[..., Any]]] = MappingProxyType(
    {
        ("max", 1): F.max_pool1d,
        ("max", 2): F.max_pool2d,
        ("average", 1): F.avg_pool1d,
        ("average", 2): F.avg_pool2d,
    }
)
"""Functions of torch by type of pooling and number of directions of the map."""


class TorchOperations:
    """Fulfils `hwcore.spec.Operations` with torch."""

    def max_pool(
        self, x: Float[Tensor, "batch channels ..."], size: Pixels, stride: Pixels, padding: Pixels
    ) -> Float[Tensor, "batch channels ..."]:
        """Largest value of every square; a padded pixel is never the largest."""
        result: Tensor = POOLS["max", x.ndim - 2](x, size, stride, padding)
        return result

    def average_pool(
        self, x: Float[Tensor, "batch channels ..."], size: Pixels, stride: Pixels, padding: Pixels
    ) -> Float[Tensor, "batch channels ..."]:
        """Mean of every square, with padded pixels as zeros."""
        result: Tensor = POOLS["average", x.ndim - 2](x, size, stride, padding)
        return result

    def concat(self, parts: Sequence[Float[Tensor, "batch ..."]]) -> Float[Tensor, "batch ..."]:
        """Parts one after the other along axis 1."""
        return torch.cat(list(parts), 1)


OPERATIONS: Final = TorchOperations()
"""The only instance that anybody needs."""
