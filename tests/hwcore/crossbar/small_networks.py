"""Networks of cells small enough to follow with a pencil."""

import torch

from hwcore.mapping import MappedActivation, MappedLayer, MappedNetwork
from hwcore.spec import Array, TileGrid, tile_grid


def grid(rows: int, cols: int, array_rows: int = 128, array_cols: int = 128) -> TileGrid:
    return tile_grid(rows, cols, Array(rows=array_rows, cols=array_cols))


def layer(
    g_pos: list[list[float]],
    g_neg: list[list[float]],
    *,
    scale: list[float],
    bias: list[float],
    bias_drive: float | None = None,
    activation: MappedActivation | None = None,
    name: str = "fc1",
) -> MappedLayer:
    """One layer of these conductances, S; the codes play no part in its currents."""
    pos, neg = torch.tensor(g_pos, dtype=torch.float64), torch.tensor(g_neg, dtype=torch.float64)
    codes = torch.zeros(pos.shape, dtype=torch.uint8)
    inputs = pos.shape[0] - (bias_drive is not None)
    return MappedLayer(
        name=name,
        inputs=inputs,
        bias_drive=bias_drive,
        code_pos=codes,
        code_neg=codes,
        g_pos=pos,
        g_neg=neg,
        scale=torch.tensor(scale, dtype=torch.float64),
        bias=torch.tensor(bias, dtype=torch.float64),
        activation=activation,
        grid=grid(*pos.shape),
    )


def network(*layers: MappedLayer) -> MappedNetwork:
    return MappedNetwork(layers, g_max_pos=8e-6, g_max_neg=6.4e-6, g_min_pos=1e-6, g_min_neg=0.8e-6)
