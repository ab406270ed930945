"""Pooling as a module."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from hwcore.digital import pooled
from hwcore.spec import Pool


class Pooling(nn.Module):
    """The largest value or the mean of every square of pool.size pixels, as the chip computes it.

    Args:
        pool: what to take, and the edge of the square.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self.pool = pool

    def forward(
        self, x: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels out_height out_width"]:
        """The pooled map; pixels beyond the last whole square are dropped."""
        return pooled(x, self.pool)

    def extra_repr(self) -> str:
        """Attributes in the text of `print`."""
        return f"type={self.pool.type}, size={self.pool.size}"
