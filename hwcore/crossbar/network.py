"""A whole network on its arrays, in float64."""

from __future__ import annotations

import torch
from jaxtyping import Float64, Int64, UInt8
from torch import Tensor

from hwcore.crossbar.chip import Chip
from hwcore.crossbar.ideal import differential_current
from hwcore.crossbar.images_that_fit import images_that_fit
from hwcore.crossbar.pool import pooled
from hwcore.crossbar.predicted_class import predicted_class
from hwcore.crossbar.unfold import as_maps, unfolded
from hwcore.mapping import MappedActivation, MappedLayer, MappedNetwork
from hwcore.quant import activation_function

BATCH = 2500
"""Images simulated at once, fewer where a convolution multiplies them."""


@torch.no_grad()
def simulate(
    network: MappedNetwork, chip: Chip, inputs: Float64[Tensor, "batch inputs"]
) -> Float64[Tensor, "batch classes"]:
    """Logits of the chip: arrays and, between them, the digital scale, bias, pooling and activation of each column.

    A convolution is one array that sees every position of its kernel as one more input; its memory grows with the
    images times the positions, so many images go through `array_logits`.

    Args:
        network: the digital part, and where the arrays are cut.
        chip: the conductances.
        inputs: DAC codes times LSB, full scale 1; images flattened row after row.
    """
    x = inputs
    for layer, g_difference in zip(network.layers, chip.g_difference, strict=True):
        window = layer.window
        x = x.flatten(1) if window is None else unfolded(x.flatten(1), window)
        current = differential_current(_drives(x, layer), g_difference, layer.grid)
        x = torch.addcmul(layer.bias, current, layer.scale)
        if window is not None:
            x = pooled(as_maps(x, window), window.pool)
        if layer.activation is not None:
            x = _activate(x, layer.activation)
    return x


def array_logits(
    network: MappedNetwork, chip: Chip, codes: UInt8[Tensor, "images inputs"], lsb: float
) -> Float64[Tensor, "images classes"]:
    """Logits of many images, simulated a batch at a time.

    Args:
        network: as for `simulate`.
        chip: as for `simulate`.
        codes: DAC codes.
        lsb: input of code 1.
    """
    batch = images_at_once(network)
    starts = range(0, len(codes), batch)
    return torch.cat([simulate(network, chip, codes[i : i + batch].double() * lsb) for i in starts])


def images_at_once(network: MappedNetwork) -> int:
    """How many images to simulate at once, so that memory stays bounded whatever the network."""
    convolutions = [layer for layer in network.layers if layer.window is not None]
    return images_that_fit((layer.positions * max(layer.g_pos.shape) for layer in convolutions), BATCH)


def classify(
    network: MappedNetwork, chip: Chip, codes: UInt8[Tensor, "images inputs"], lsb: float
) -> Int64[Tensor, " images"]:
    """The class of every image, as `predicted_class` says. Arguments as for `array_logits`."""
    return predicted_class(array_logits(network, chip, codes, lsb))


def _drives(x: Float64[Tensor, "batch inputs"], layer: MappedLayer) -> Float64[Tensor, "batch rows"]:
    if layer.bias_drive is None:
        return x
    return torch.cat([x, torch.full((len(x), 1), layer.bias_drive, dtype=x.dtype)], dim=1)


def _activate(z: Float64[Tensor, batch * shape], activation: MappedActivation) -> Float64[Tensor, batch * shape]:
    output = activation_function(activation.function)(z)
    if activation.levels is None or activation.thresholds is None:
        return output
    # bucketize would copy maps that are stored position by position as well, and warn.
    return activation.levels[torch.bucketize(output.contiguous(), activation.thresholds, right=True)]
