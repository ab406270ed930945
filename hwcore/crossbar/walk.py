"""The walk through a network, layer by layer: drives, currents, digital part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.digital import LayerRegisters, activated, as_maps, pooled, unfolded
from hwcore.mapping import MappedLayer, MappedNetwork, drives_of_pairs

CurrentsOf = Callable[[MappedLayer, Iterator[Tensor]], Iterable[Tensor]]
"""Currents (products, cols) of a layer for the drives (products, drives) of every batch, in their order."""


Tell = Callable[[str, Tensor], None]
"""Called with the name of a layer and its output in whole numbers: codes of its activation, or sums of the last one."""


def walk(
    network: MappedNetwork,
    inputs: Iterable[Tensor],
    currents_of: CurrentsOf,
    registers: Mapping[str, LayerRegisters] | None = None,
    tell: Tell | None = None,
) -> list[Tensor]:
    """Take batches of inputs through all layers, each layer for all batches before the next one.

    Args:
        network: the digital part, and where the kernels of convolutions stand.
        inputs: (batch, inputs) each: DAC codes times LSB, full scale 1; images flattened row after row.
        currents_of: the arrays. It is given the drives one batch at a time: memory is taken for one of them where it
            does not keep them. Of a layer with registers it gives codes (terms, products, cols) in place of currents.
        registers: of layers whose digital side computes in whole numbers, by name; all others compute exactly.
        tell: told what comes out of these layers, batch after batch.

    Returns:
        Logits (batch, classes) of every batch.
    """
    parts, known = list(inputs), {} if registers is None else registers
    for layer in network.layers:
        found = known.get(layer.name)
        currents = currents_of(layer, _drives(parts, layer))
        if found is None:
            parts = [layer_output(current, layer) for current in currents]
        else:
            parts = [_whole_output(codes, layer, found, tell).to(parts[0].dtype) for codes in currents]
    return parts


def _whole_output(codes: Tensor, layer: MappedLayer, registers: LayerRegisters, tell: Tell | None) -> Tensor:
    """The digital part of a layer in whole numbers, as drives of the next one."""
    output = registers.output(codes, layer.plan.window)
    if tell is not None:
        tell(layer.name, output)
    return registers.value(output)


def _drives(parts: Iterable[Tensor], layer: MappedLayer) -> Iterator[Tensor]:
    return (layer_drive(x, layer) for x in parts)


def layer_drive(x: Float[Tensor, "batch ..."], layer: MappedLayer) -> Float[Tensor, "products drives"]:
    """Drives of the word lines of a layer: its inputs, unfolded for a convolution, and the bias row of each group."""
    window = layer.plan.window
    x = unfolded(x.flatten(1), window)
    if layer.drive.lines > 1:
        x = drives_of_pairs(x, window)
    if layer.bias_drive is None:
        return x
    if not layer.plan.window.moves:
        return torch.cat([x, x.new_full((len(x), 1), layer.bias_drive)], dim=1)
    # Word lines first, as they lie in memory.
    by_group = x.t().reshape(-1, layer.plan.inputs * layer.drive.lines, len(x))
    bias = by_group.new_full((len(by_group), 1, len(x)), layer.bias_drive)
    return torch.cat([by_group, bias], dim=1).reshape(layer.drives, len(x)).t()


def layer_output(current: Float[Tensor, "products cols"], layer: MappedLayer) -> Float[Tensor, "batch ..."]:
    """The digital part of a layer: scale and bias of each column, pooling, activation."""
    digital, window = layer.digital, layer.plan.window
    x = torch.addcmul(digital.bias.to(current.dtype), current, digital.scale.to(current.dtype))
    x = pooled(as_maps(x, window), window.pool)
    return x if digital.activation is None else activated(x, digital.activation)
