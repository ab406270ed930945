"""Mapped layers from what was trained: the one place where plan, hardware, cells and digital part come together."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hwcore.mapping.array import Array
from hwcore.mapping.digital import Digital
from hwcore.mapping.line_pairs import second_lines
from hwcore.mapping.mapped import MappedLayer, MappedNetwork
from hwcore.mapping.pairs import Pairs
from hwcore.spec import ComponentTables, Drive, Hardware, LayerPlan, Plan, chain_drives, tile_grid


def build_network(
    plan: Plan, hardware: Hardware, tables: ComponentTables, contents: Mapping[str, tuple[Pairs, Digital]]
) -> MappedNetwork:
    """Put the layers of a network together: drives from the activations before them, tiles from the size of an array.

    Args:
        plan: the layers from input to output.
        hardware: the description.
        tables: conductances of its cells.
        contents: by name of the layer, the pairs on its word lines (with a bias row where the hardware has one) and
            its digital part.

    Raises:
        KeyError: a layer of the plan has no contents.
        ValueError: no activation between two layers.
    """
    parts = [(layer, *contents[layer.name]) for layer in plan]
    drives = chain_drives(hardware, [_largest_level(layer.name, digital) for layer, _, digital in parts[:-1]])
    layers = (
        MappedLayer(layer, drive, (_array(layer, drive, pairs, hardware),), digital)
        for (layer, pairs, digital), drive in zip(parts, drives, strict=True)
    )
    return MappedNetwork.of(layers, tables)


def _array(layer: LayerPlan, drive: Drive, pairs: Pairs, hardware: Hardware) -> Array:
    rows, inputs = pairs.shape[0], layer.inputs * drive.lines
    area = math.prod(layer.window.kernel)
    second = second_lines(layer.inputs, area, rows - inputs) if drive.lines > 1 else None
    return Array(layer.name, pairs, tile_grid(*pairs.shape, hardware.array, layer.window.groups), second=second)


def _largest_level(name: str, digital: Digital) -> float | None:
    if digital.activation is None:
        raise ValueError(f"{name}: got no activation; allowed: one behind every layer but the last")
    return digital.activation.largest_level
