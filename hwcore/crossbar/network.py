"""A whole network on its arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from jaxtyping import Float, Float64, Int64, Integer
from torch import Tensor

from hwcore.crossbar.chip import Chip
from hwcore.crossbar.images_that_fit import images_that_fit
from hwcore.crossbar.layer_codes import layer_codes
from hwcore.crossbar.layer_current import layer_current
from hwcore.crossbar.predicted_class import TIE, predicted_class
from hwcore.crossbar.walk import walk
from hwcore.crossbar.whole_walk import Tell, whole_walk
from hwcore.crossbar.word_lines import layer_drive
from hwcore.mapping import MappedLayer, MappedNetwork

BATCH = 500
"""Images simulated at once, so that what a tile computes stays near the processor; fewer where a convolution multiplies
them."""
Clipped = Mapping[str, Sequence[Tensor]]
"""Conversions beyond the last code: by layer, for every array (row blocks, cols), int64."""


@torch.no_grad()
def simulate(
    network: MappedNetwork,
    chip: Chip,
    inputs: Float[Tensor, "batch inputs"],
    *,
    clipped: Clipped | None = None,
    tell: Tell | None = None,
) -> Float[Tensor, "batch classes"]:
    """Logits of the chip: arrays and, between them, the digital scale, bias, pooling and activation of each column.

    A convolution is one array that sees every position of its kernel as one more input; its memory grows with the
    images times the positions, so many images go through `array_logits`.

    Args:
        network: the digital part, and where the arrays are cut.
        chip: its matrices, noise and converters; of the precision of the inputs.
        inputs: DAC codes times LSB, full scale 1; images flattened row after row.
        clipped: conversions beyond the last code are counted there; None: they are not counted.
        tell: told what every node gives where the digital side computes in whole numbers.
    """

    def currents(layer: MappedLayer, drives: Iterator[Tensor]) -> Iterable[Tensor]:
        built, counts = chip.layers[layer.name], None if clipped is None else clipped[layer.name]
        of_layer = layer_current if built.registers is None else layer_codes
        return (of_layer(drive, layer, built, reads=chip.reads, clipped=counts) for drive in drives)

    def codes(layer: MappedLayer, values: Iterator[Tensor]) -> Iterable[Tensor]:
        return currents(layer, (layer_drive(x.to(chip.dtype), layer) for x in values))

    if chip.nodes is not None:
        (logits,) = whole_walk(network, chip.registers, chip.nodes, [inputs], codes, tell)
    else:
        (logits,) = walk(network, [inputs], currents, chip.registers)
    return logits


def array_logits(
    network: MappedNetwork,
    chip: Chip,
    codes: Integer[Tensor, "images inputs"],
    lsb: float,
    *,
    clipped: Clipped | None = None,
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
    """Images to simulate at once, at most `most`, so that memory stays bounded whatever the network."""
    convolutions = [layer for layer in network.layers if layer.plan.window.moves]
    return images_that_fit((layer.plan.positions * max(layer.drives, layer.cols) for layer in convolutions), most)


def classify(
    network: MappedNetwork, chip: Chip, codes: Integer[Tensor, "images inputs"], lsb: float
) -> Int64[Tensor, " images"]:
    """The class of every image, as `predicted_class` says. Arguments as for `array_logits`."""
    return predicted_class(array_logits(network, chip, codes, lsb), TIE if chip.nodes is None else 0.0)
