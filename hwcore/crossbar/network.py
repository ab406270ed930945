"""A whole network on its arrays."""

from __future__ import annotations

import torch
from jaxtyping import Float, Float64, Int64, UInt8
from torch import Tensor

from hwcore.crossbar.chip import Chip, ChipLayer
from hwcore.crossbar.images_that_fit import images_that_fit
from hwcore.crossbar.predicted_class import predicted_class
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.tile_currents import layer_current, serial_current
from hwcore.digital import activated, as_maps, pooled, unfolded
from hwcore.mapping import MappedLayer, MappedNetwork

BATCH = 500
"""Images simulated at once, so that what a tile computes stays near the processor; fewer where a convolution multiplies
them."""


@torch.no_grad()
def simulate(
    network: MappedNetwork, chip: Chip, inputs: Float[Tensor, "batch inputs"], *, clipped: list[Tensor] | None = None
) -> Float[Tensor, "batch classes"]:
    """Logits of the chip: arrays and, between them, the digital scale, bias, pooling and activation of each column.

    A convolution is one array that sees every position of its kernel as one more input; its memory grows with the
    images times the positions, so many images go through `array_logits`.

    Args:
        network: the digital part, and where the arrays are cut.
        chip: its matrices, noise and converters; of the precision of the inputs.
        inputs: DAC codes times LSB, full scale 1; images flattened row after row.
        clipped: for every layer (row blocks, cols), int64: conversions beyond the last code are counted there.
    """
    x = inputs
    for position, (layer, cells) in enumerate(zip(network.layers, chip.layers, strict=True)):
        counted = None if clipped is None else clipped[position]
        current = chip_current(layer_drive(x, layer), cells, layer, chip.reads, counted)
        x = layer_output(current, layer)
    return x


def layer_drive(x: Float[Tensor, "batch ..."], layer: MappedLayer) -> Float[Tensor, "products rows"]:
    """What the word lines of a layer are driven with: its inputs, unfolded for a convolution, and the bias row."""
    x = x.flatten(1) if layer.window is None else unfolded(x.flatten(1), layer.window)
    if layer.bias_drive is None:
        return x
    return torch.cat([x, torch.full((len(x), 1), layer.bias_drive, dtype=x.dtype)], dim=1)


def chip_current(
    drive: Float[Tensor, "products rows"],
    cells: ChipLayer,
    layer: MappedLayer,
    reads: ReadDraws | None,
    clipped: Tensor | None = None,
) -> Float[Tensor, "products cols"]:
    """Currents of a layer as the digital side has them: tiles added, and calibrated where the chip is.

    Args:
        drive: of the word lines, from `layer_drive`.
        cells: the layer of one chip.
        layer: where it is cut into tiles.
        reads: source of read noise; needed where there is some.
        clipped: as for `layer_current`.
    """
    # Bit by bit or all at once is the same where nothing is rounded and nothing drawn: the array is linear.
    if cells.input_bits is not None and (cells.converters is not None or cells.read_variance is not None):
        current = serial_current(drive, cells, layer.grid, bits=cells.input_bits, reads=reads, clipped=clipped)
    else:
        current = layer_current(drive, cells, layer.grid, reads=reads, clipped=clipped)
    return current if cells.calibration is None else cells.calibration(current)


def layer_output(current: Float[Tensor, "products cols"], layer: MappedLayer) -> Float[Tensor, "batch ..."]:
    """The digital part of a layer: scale and bias of each column, pooling, activation."""
    x = torch.addcmul(layer.bias.to(current.dtype), current, layer.scale.to(current.dtype))
    if layer.window is not None:
        x = pooled(as_maps(x, layer.window), layer.window.pool)
    return x if layer.activation is None else activated(x, layer.activation)


def array_logits(
    network: MappedNetwork,
    chip: Chip,
    codes: UInt8[Tensor, "images inputs"],
    lsb: float,
    *,
    clipped: list[Tensor] | None = None,
) -> Float64[Tensor, "images classes"]:
    """Logits of many images, simulated a batch at a time in the precision of the chip.

    Args:
        network: as for `simulate`.
        chip: as for `simulate`.
        codes: DAC codes.
        lsb: input of code 1.
        clipped: as for `simulate`.
    """
    batch = simulated_at_once(network)
    starts = range(0, len(codes), batch)
    inputs = (codes[i : i + batch].to(chip.dtype) * lsb for i in starts)
    return torch.cat([simulate(network, chip, part, clipped=clipped) for part in inputs]).double()


def simulated_at_once(network: MappedNetwork, most: int = BATCH) -> int:
    """How many images to simulate at once, so that memory stays bounded whatever the network: at most `most`."""
    convolutions = [layer for layer in network.layers if layer.window is not None]
    return images_that_fit((layer.positions * max(layer.g_pos.shape) for layer in convolutions), most)


def classify(
    network: MappedNetwork, chip: Chip, codes: UInt8[Tensor, "images inputs"], lsb: float
) -> Int64[Tensor, " images"]:
    """The class of every image, as `predicted_class` says. Arguments as for `array_logits`."""
    return predicted_class(array_logits(network, chip, codes, lsb))
