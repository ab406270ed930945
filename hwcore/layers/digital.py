"""Digital operations between two arrays, as modules: normalisation, pooling, and the shape of the next input."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from hwcore.digital import pooled
from hwcore.spec import LayerPlan, Normalization, Pool


class Pooling(nn.Module):
    """Largest value or mean of every square of pool.size pixels, as the chip computes it.

    Args:
        pool: what to take, and the edge of the square.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch channels ..."]:
        """The pooled map; pixels beyond the last whole square are dropped."""
        return pooled(x, self.pool)

    def extra_repr(self) -> str:
        """Type and size, for `print`."""
        return f"type={self.pool.type}, size={self.pool.size}"


def pooling_of(layer: LayerPlan) -> nn.Module:
    """Pooling of the layer's outputs, or nothing."""
    pool = layer.window.pool
    return nn.Identity() if pool is None else Pooling(pool)


def normalization_of(layer: LayerPlan, normalization: Normalization) -> nn.Module:
    """Batch normalisation of the layer's bit lines, over all positions of a convolution; or nothing."""
    if normalization == "none":
        return nn.Identity()
    return nn.BatchNorm2d(layer.outputs) if len(layer.out_shape) == 3 else nn.BatchNorm1d(layer.outputs)


def shaped(x: Float[Tensor, "batch ..."], layer: LayerPlan) -> Float[Tensor, "batch ..."]:
    """The inputs as the layer sees them, (batch, units) or (batch, channels, height, width): rows after rows."""
    return x.reshape(len(x), *layer.in_shape)
