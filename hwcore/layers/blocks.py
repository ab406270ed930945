"""What the floating-point network and the one of cells are built from alike, layer by layer of a plan."""

from __future__ import annotations

from torch import Tensor, nn

from hwcore.layers.pool import Pooling
from hwcore.spec import LayerPlan, Normalization


def normalization_of(layer: LayerPlan, normalization: Normalization) -> nn.Module:
    """Batch normalisation of the layer's bit lines, over all positions of a convolution; or nothing."""
    if normalization == "none":
        return nn.Identity()
    return nn.BatchNorm1d(layer.outputs) if layer.window is None else nn.BatchNorm2d(layer.outputs)


def pooling_of(layer: LayerPlan) -> nn.Module:
    """Pooling of the layer's outputs, or nothing."""
    pool = None if layer.window is None else layer.window.pool
    return nn.Identity() if pool is None else Pooling(pool)


def shaped(x: Tensor, layer: LayerPlan) -> Tensor:
    """The inputs as the layer sees them, (batch, units) or (batch, channels, height, width): rows after rows."""
    return x.reshape(len(x), *layer.in_shape)
