"""Networks of cells small enough to follow with a pencil."""

from typing import Any

import torch

from hwcore.crossbar import ChipArray, ChipLayer
from hwcore.mapping import Array, Digital, MappedActivation, MappedLayer, MappedNetwork, Pairs
from hwcore.spec import Activate, Drive, LayerPlan, TileGrid, Window, chain_graph, tile_grid
from hwcore.spec import Array as ArrayOfCells

RELU = MappedActivation("relu", None, None)


def grid(rows: int, cols: int, array_rows: int = 128, array_cols: int = 128) -> TileGrid:
    return tile_grid(rows, cols, ArrayOfCells(rows=array_rows, cols=array_cols))


def layer(
    g_pos: list[list[float]],
    g_neg: list[list[float]],
    *,
    scale: list[float],
    bias: list[float],
    bias_drive: float | None = None,
    name: str = "fc1",
) -> MappedLayer:
    """One layer of these conductances, S; the codes play no part in its currents.

    A bias drive adds a bias row, the last one, driven with that much.
    """
    pos, neg = torch.tensor(g_pos, dtype=torch.float64), torch.tensor(g_neg, dtype=torch.float64)
    codes = torch.zeros(pos.shape, dtype=torch.uint8)
    inputs = pos.shape[0] - (bias_drive is not None)
    columns = (torch.tensor(each, dtype=torch.float64) for each in (scale, bias))
    return MappedLayer(
        LayerPlan(name, "dense", pos.shape[1], Window(inputs)),
        Drive(bias_drive),
        (Array(name, Pairs(codes, codes, pos, neg), grid(*pos.shape)),),
        Digital(*columns),
    )


def network(*layers: MappedLayer, activation: MappedActivation = RELU) -> MappedNetwork:
    """Layers one behind another, with this activation between them."""
    graph = chain_graph([layer.plan for layer in layers])
    nodes = {node.name: activation for node in graph.of_kind(Activate)}
    return MappedNetwork(graph, layers, nodes, g_max_pos=8e-6, g_max_neg=6.4e-6, g_min_pos=1e-6, g_min_neg=0.8e-6)


def one_array(built: ChipLayer) -> ChipArray:
    """The only array of a layer of a chip."""
    (array,) = built.arrays
    return array


def of_one_array(g_difference: torch.Tensor, **parts: Any) -> ChipLayer:
    """A layer of a chip with one array."""
    calibration = parts.pop("calibration", None)
    return ChipLayer((ChipArray(g_difference, **parts),), calibration)
