"""A whole layer on its tiles: each is a circuit of its own."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.spec import PairLayout, TileGrid
from hwcore.wires.pairs import pair_transfer
from hwcore.wires.wires import Wires


def layer_transfer(
    g_pos: Float64[Tensor, "rows cols"],
    g_neg: Float64[Tensor, "rows cols"],
    grid: TileGrid,
    wires: Wires,
    layout: PairLayout = "separate",
    *,
    memory: int | None = None,
) -> tuple[Float64[Tensor, "rows cols"], Float64[Tensor, "rows cols"]]:
    """Transfer matrices of all tiles, in their places: they stand where g_pos and g_neg stand without wires.

    A tile that is not full sits in the corner of its array beside drivers and sense amplifiers, and the lines that
    it does not use are neither driven nor connected: it is an array of its own size.

    Args:
        g_pos: positive components of the layer, S.
        g_neg: negative components, S.
        grid: where the layer is cut.
        wires: resistances, the same in all tiles.
        layout: of the pairs, as for `pair_transfer`.
        memory: as for `transfer`.

    Raises:
        ValueError, ArrayTooLarge: as for `pair_transfer`.
    """
    m_pos, m_neg = torch.empty_like(g_pos), torch.empty_like(g_neg)
    shapes: dict[tuple[int, int], list[tuple[slice, slice]]] = {}
    for rows in grid.row_blocks:
        for cols in grid.col_blocks:
            place = (slice(*rows), slice(*cols))
            shapes.setdefault((rows[1] - rows[0], cols[1] - cols[0]), []).append(place)
    # Tiles of one shape go through together: the last ones of a row or column may be smaller.
    for places in shapes.values():
        tiles_pos, tiles_neg = (torch.stack([g[place] for place in places]) for g in (g_pos, g_neg))
        found_pos, found_neg = pair_transfer(tiles_pos, tiles_neg, wires, layout, memory=memory)
        for place, pos, neg in zip(places, found_pos, found_neg, strict=True):
            m_pos[place], m_neg[place] = pos, neg
    return m_pos, m_neg
