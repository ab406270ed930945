"""A whole layer on its tiles: each is a circuit of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import torch

from hwcore.mapping import Components
from hwcore.spec import PairLayout, TileGrid
from hwcore.wires.memory import require_memory
from hwcore.wires.packing import of_diagonal, on_diagonal
from hwcore.wires.pairs import pair_transfer
from hwcore.wires.transfer import require_transfer_memory, transfer_bytes
from hwcore.wires.wires import Wires

Idle = tuple[float, float]
"""Conductances of the cells of a tile that belong to no group: of its positive and of its negative ones, S."""
NO_IDLE: Final[Idle] = (0.0, 0.0)


def layer_transfer(
    g: Components,
    grid: TileGrid,
    wires: Wires,
    layout: PairLayout = "separate",
    *,
    idle: Idle = NO_IDLE,
    memory: int | None = None,
) -> Components:
    """Transfer matrices of all tiles of an array, in their places: they stand where g stands without wires.

    A tile that is not full sits in the corner of its array beside drivers and sense amplifiers, and the lines that
    it does not use are neither driven nor connected: it is an array of its own size. Of groups that share a tile one
    is driven at a time; the word lines of the others rest at 0 V, and carry what the bit lines drive into them.

    Args:
        g: conductances, S.
        grid: where the array is cut.
        wires: resistances, the same in all tiles.
        layout: of the pairs, as for `pair_transfer`.
        idle: conductances of the cells of a tile that belong to no group, of either component, S.
        memory: as for `transfer`.

    Raises:
        ValueError, ArrayTooLarge: as for `pair_transfer`.
    """
    m_pos, m_neg = torch.empty_like(g.pos), torch.empty_like(g.neg)
    for (_, cols), places in _places(grid).items():
        tiles, shared = [torch.stack([side[place] for place in places]) for side in g], grid.groups_on(cols)
        if shared > 1:
            tiles = [on_diagonal(side, shared, each) for side, each in zip(tiles, idle, strict=True)]
        found = [*pair_transfer(Components(*tiles), wires, layout, memory=memory)]
        if shared > 1:
            found = [of_diagonal(side, shared) for side in found]
        for place, pos, neg in zip(places, *found, strict=True):
            m_pos[place], m_neg[place] = pos, neg
    return Components(m_pos, m_neg)


def require_layer_memory(
    grid: TileGrid,
    wires: Wires,
    layout: PairLayout = "separate",
    *,
    memory: int | None = None,
    copies: int = 1,
) -> None:
    """Check that `layer_transfer` has the memory for such a layer: before hours of training, not after.

    Args:
        grid: where the layer is cut.
        wires: resistances.
        layout: of the pairs.
        memory: bytes that may be taken; None: what the machine has left now.
        copies: how many chips are made at the same time.

    Raises:
        ArrayTooLarge: the tiles do not fit into memory; the message has the figure.
    """
    for tiles, rows, lines in _circuits(grid, layout):
        require_transfer_memory(tiles, rows, lines, wires, differentiable=False, memory=memory, copies=copies)


def require_layers_memory(
    grids: Sequence[TileGrid],
    wires: Wires,
    layout: PairLayout = "separate",
    *,
    at_once: int = 1,
    differentiable: bool = False,
    memory: int | None = None,
) -> None:
    """Check that `layer_transfer` has the memory for that many layers at the same time, whichever these are.

    Without a gradient a layer takes what its largest shape of tiles does, one after the other; with one, what is kept
    for the way back adds up over all shapes.

    Args:
        grids: where each layer is cut.
        wires: resistances.
        layout: of the pairs.
        at_once: layers at the same time.
        differentiable: whether a gradient is wanted.
        memory: as for `require_layer_memory`.

    Raises:
        ArrayTooLarge: the layers that take most do not fit into memory together; the message has the figure.
    """
    needed = []
    for grid in grids:
        shapes = [transfer_bytes(*each, wires, differentiable=differentiable) for each in _circuits(grid, layout)]
        needed.append(sum(shapes) if differentiable else max(shapes))
    layers = min(at_once, len(grids))
    what = f"all transfer matrices of {layers} layer{'s' if layers != 1 else ''}"
    what += (" at once" if layers > 1 else "") + (" with their gradient" if differentiable else "")
    require_memory(sum(sorted(needed)[-layers:]), what, memory)


def _circuits(grid: TileGrid, layout: PairLayout) -> Iterator[tuple[int, int, int]]:
    """Arrays that go through together, their word lines and their bit lines, for every shape of tiles."""
    for (of_group, cols), places in _places(grid).items():
        rows = of_group * grid.groups_on(cols)
        yield (2 * len(places), rows, cols) if layout == "separate" else (len(places), rows, 2 * cols)


def _places(grid: TileGrid) -> dict[tuple[int, int], list[tuple[slice, slice]]]:
    """Tiles by their shape: those of one go through together, and the last ones of a row or column may be smaller."""
    shapes: dict[tuple[int, int], list[tuple[slice, slice]]] = {}
    for rows in grid.row_blocks:
        for cols in grid.col_blocks:
            place = (slice(*rows), slice(*cols))
            shapes.setdefault((rows[1] - rows[0], cols[1] - cols[0]), []).append(place)
    return shapes
