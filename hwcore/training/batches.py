"""How many images go through a network at once where the size of a batch changes nothing but memory."""

from __future__ import annotations

from torch import nn

from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.spec import Plan

EVALUATION_BATCH = 2000
NUMBERS = 1 << 25
"""Inputs of all positions, or outputs, of a layer at once: 256 MB in float64, in which torch unfolds a convolution."""


def images_at_once(network: nn.Module) -> int:
    """2,000 images, or fewer for a convolution with many positions; any other module gets the 2,000."""
    if not isinstance(network, FloatNetwork | HardwareNetwork):
        return EVALUATION_BATCH
    return min(EVALUATION_BATCH, max(1, NUMBERS // numbers_per_image(network.plan)))


def numbers_per_image(plan: Plan) -> int:
    """The most numbers that one image takes in any layer, its inputs written out for every position."""
    return max(layer.positions * max(layer.inputs, layer.outputs) for layer in plan)
