"""Size of a batch where the job does not choose it: bounded by memory."""

from __future__ import annotations

from torch import nn

from hwcore.crossbar import NUMBERS, images_that_fit
from hwcore.layers import FloatNetwork, HardwareNetwork

EVALUATION_BATCH = 2000
STATISTICS = 1 << 26
"""Numbers of a convolution at once where the batch should be large, because statistics are taken of it: 256 MB in
float32."""


def images_at_once(network: nn.Module, most: int = EVALUATION_BATCH, numbers: int = NUMBERS) -> int:
    """Return the number of images that go through a network at once: fewer where a convolution multiplies them.

    Args:
        network: any module; only a network with a plan is known to have convolutions.
        most: images wanted.
        numbers: the most that one convolution may take for all of them.
    """
    if not isinstance(network, FloatNetwork | HardwareNetwork):
        return most
    convolutions = (layer for layer in network.plan if layer.window.moves)
    per_image = (layer.positions * max(layer.window.drives, layer.outputs) for layer in convolutions)
    return images_that_fit(per_image, most, numbers)
