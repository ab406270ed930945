"""The digital side of a chip in whole numbers: what its codes are read with, and what its registers hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import torch
from jaxtyping import Float64, Integer
from torch import Tensor

from hwcore.crossbar.chip import Chip, ChipArray, ChipLayer, Converters
from hwcore.crossbar.converter_ranges import converter_ranges
from hwcore.crossbar.grouped_product import block_drives, grouped_product
from hwcore.crossbar.layer_codes import code_factors, column_offsets
from hwcore.crossbar.layer_current import layer_current
from hwcore.crossbar.network import simulated_at_once
from hwcore.crossbar.walk import walk
from hwcore.digital import DigitalNodes, SumRegisters
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.spec import Adc, Digital, FullRange, Node

READ_OUT: Final = Adc(bits=16, range=FullRange())
"""Converters of currents that nothing else converts, for a digital side begins with codes: the finest that a
description can have, and nothing of the chip as designed is clipped; what faults and noise add beyond is."""


def read_out(
    arrays: tuple[ChipArray, ...], layer: MappedLayer, drives: Float64[Tensor, "products drives"], drive_max: float
) -> tuple[ChipArray, ...]:
    """The arrays with converters: those that they have, or else those of `READ_OUT`.

    Args:
        arrays: of one layer of a chip.
        layer: the same as designed.
        drives: of the layer, for some images.
        drive_max: largest of them.
    """
    if READ_OUT.bits is None:
        raise ValueError("READ_OUT: got no bits; allowed: converters with codes")
    bits = READ_OUT.bits

    def converted(array: ChipArray, seen: Float64[Tensor, "rows cols"], number: int) -> ChipArray:
        if array.converters is not None:
            return array
        ranges = converter_ranges(READ_OUT, layer.arrays[number], seen, drives, layer.drive, drive_max=drive_max)
        return replace(array, converters=Converters(bits, ranges))

    return tuple(
        converted(array, mapped.pairs.g.difference, number)
        for number, (array, mapped) in enumerate(zip(arrays, layer.arrays, strict=True))
    )


def largest_sum(layer: MappedLayer, designed: ChipLayer, drives: Float64[Tensor, "products drives"]) -> float:
    """Largest |b_j + partial sum of the first row blocks| of a layer as designed, without unit.

    Args:
        layer: scale, bias and tiles.
        designed: without converters, calibration and noise.
        drives: of the calibration images.
    """
    total = layer.digital.bias.expand(len(drives), -1)
    largest = total.abs().max()
    for array, mapped in zip(designed.arrays, layer.arrays, strict=True):
        factor = layer.digital.scale * mapped.significance
        groups = mapped.grid.groups
        for start, stop in mapped.grid.row_blocks:
            part = block_drives(drives, (start, stop), groups)
            current = grouped_product(part, array.g_difference[start:stop], groups)
            total = torch.addcmul(total, current, factor)
            largest = torch.maximum(largest, total.abs().max())
    return float(largest)


@torch.no_grad()
def largest_values(
    network: MappedNetwork, designed: Chip, codes: Integer[Tensor, "images inputs"], lsb: float
) -> dict[str, float]:
    """Largest |value| that every digital node reads or gives, by its name, without unit.

    Args:
        network: the graph and its numbers.
        designed: without converters, calibration and noise.
        codes: DAC codes of the calibration images; of a convolution only as many of them as fit.
        lsb: input of code 1.
    """
    found: dict[str, float] = {}
    inputs = codes[: simulated_at_once(network, len(codes))].to(designed.dtype) * lsb

    def watch(node: Node, read: Sequence[Tensor], given: Tensor) -> None:
        found[node.name] = max(float(each.abs().max()) for each in (*read, given))

    def currents(layer: MappedLayer, drives: Iterator[Tensor]) -> Iterable[Tensor]:
        return (layer_current(drive, layer, designed.layers[layer.name]) for drive in drives)

    walk(network, [inputs], currents, watch=watch)
    return found


def with_registers(layer: MappedLayer, built: ChipLayer, largest: float, widths: Digital) -> ChipLayer:
    """A layer of a chip whose digital side computes in whole numbers.

    Args:
        layer: scale and bias of every column.
        built: with converters; its factors against drift and its calibration go into the registers.
        largest: as `largest_sum` gives it.
        widths: of the registers.
    """
    registers = SumRegisters.of(code_factors(layer, built), column_offsets(layer, built), largest, widths)
    return replace(built, registers=registers)


def digital_nodes(
    network: MappedNetwork, layers: Mapping[str, ChipLayer], largest: Mapping[str, float], lsb: float, widths: Digital
) -> DigitalNodes | None:
    """The digital nodes of a chip in whole numbers; None: not all of its layers have registers.

    Args:
        network: the graph and its numbers.
        layers: of the chip.
        largest: as `largest_values` gives it.
        lsb: input of code 1.
        widths: of the registers.
    """
    exponents = {name: each.registers.exponent for name, each in layers.items() if each.registers is not None}
    return DigitalNodes.of(network, exponents, largest, lsb, widths) if len(exponents) == len(layers) else None
