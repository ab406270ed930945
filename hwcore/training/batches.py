"""How many images go through a network at once where the size of a batch is nobody's choice."""

from __future__ import annotations

from torch import nn

from hwcore.layers import FloatNetwork, HardwareNetwork

EVALUATION_BATCH = 2000
NUMBERS = 1 << 21
"""Inputs of all positions, or outputs, of a convolution at once: 16 MB in float64, where torch unfolds it; twice as
fast for LeNet-5 on two cores as 256 MB."""
STATISTICS = 1 << 26
"""The same where the batch should be large, because statistics are taken of it: 256 MB in float32."""


def images_at_once(network: nn.Module, most: int = EVALUATION_BATCH, numbers: int = NUMBERS) -> int:
    """As many images as wanted, or fewer where a convolution multiplies them: memory stays bounded.

    Args:
        network: any module; only a network with a plan is known to have convolutions.
        most: images wanted.
        numbers: the most that one convolution may take for all of them.
    """
    if not isinstance(network, FloatNetwork | HardwareNetwork):
        return most
    windows = [layer for layer in network.plan if layer.window is not None]
    per_image = [layer.positions * max(layer.inputs, layer.outputs) for layer in windows]
    return min([most, *(max(1, numbers // each) for each in per_image)])
