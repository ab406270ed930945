"""Groups that share a tile: against the plain circuit of the whole tile, by hand, and the gradient."""

import importlib

import pytest
import torch

from hwcore.mapping import Components
from hwcore.spec import Array, tile_grid
from hwcore.wires import (
    PairLayout,
    Wires,
    interleaved,
    layer_transfer,
    nodal_transfer,
    of_diagonal,
    on_diagonal,
    require_layer_memory,
)
from hwcore.wires.transfer import transfer_bytes
from tests.hwcore.wires.drawn_arrays import apart, drawn

ROWS, WIDTH, GROUPS = 4, 2, 5
WIRES, IDLE = Wires(2.0, 3.0, 20.0, 30.0), (2e-6, 5e-6)
# Three groups on a tile, and two on the last one.
GRID = tile_grid(ROWS, GROUPS * WIDTH, Array(rows=14, cols=7, pack_groups=True), GROUPS)
G = Components(drawn(ROWS, GROUPS * WIDTH), drawn(ROWS, GROUPS * WIDTH, seed=1))


def test_as_many_groups_as_have_rows_and_columns_share_a_tile() -> None:
    assert (GRID.row_blocks, GRID.col_blocks, GRID.count) == (((0, 4),), ((0, 6), (6, 10)), 2)
    assert [GRID.groups_on(stop - start) for start, stop in GRID.col_blocks] == [3, 2]
    few_rows = tile_grid(ROWS, GROUPS * WIDTH, Array(rows=11, cols=128, pack_groups=True), GROUPS)
    assert [few_rows.groups_on(stop - start) for start, stop in few_rows.col_blocks] == [2, 2, 1]
    for array in (Array(rows=7, cols=7), Array(rows=14, cols=3), Array(rows=3, cols=1)):
        alone = tile_grid(ROWS, GROUPS * WIDTH, array, GROUPS)
        assert tile_grid(ROWS, GROUPS * WIDTH, array.model_copy(update={"pack_groups": True}), GROUPS) == alone
    dense = Array(rows=14, cols=7, pack_groups=True)
    assert tile_grid(ROWS, 10, dense) == tile_grid(ROWS, 10, Array(rows=14, cols=7))


def test_by_hand() -> None:
    g = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    tile = on_diagonal(g, 2, 0.5)
    assert tile.tolist() == [[1.0, 0.5], [3.0, 0.5], [0.5, 2.0], [0.5, 4.0]]
    assert torch.equal(of_diagonal(tile, 2), g)
    many = drawn(3, ROWS, 3 * WIDTH)
    assert torch.equal(of_diagonal(on_diagonal(many, 3, 9.0), 3), many)
    assert torch.equal(on_diagonal(g, 1, 0.5), g)


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_it_is_the_circuit_of_the_whole_tile_with_the_others_at_rest(layout: PairLayout) -> None:
    found = layer_transfer(G, GRID, WIRES, layout, idle=IDLE)
    for first, last in GRID.col_blocks:
        count = (last - first) // WIDTH
        sides = []
        for side, idle in zip(G, IDLE, strict=True):
            tile = torch.full((count * ROWS, count * WIDTH), idle, dtype=torch.float64)
            for group in range(count):
                rows, cols = (slice(group * size, (group + 1) * size) for size in (ROWS, WIDTH))
                tile[rows, cols] = side[:, first + group * WIDTH : first + (group + 1) * WIDTH]
            sides.append(tile)
        if layout == "interleaved":
            both = nodal_transfer(interleaved(Components(*sides)), WIRES)
            whole = [both[:, 0::2], both[:, 1::2]]
        else:
            whole = [nodal_transfer(tile, WIRES) for tile in sides]
        for of_tile, m in zip(whole, found, strict=True):
            for group in range(count):
                # 1 V on the word lines of the group, one by one, and 0 V on all others.
                rows, cols = (slice(group * size, (group + 1) * size) for size in (ROWS, WIDTH))
                own = m[:, first + group * WIDTH : first + (group + 1) * WIDTH]
                assert apart(own, of_tile[rows, cols]) < 1e-9


def test_without_resistance_neighbours_do_not_matter() -> None:
    for found, side in zip(layer_transfer(G, GRID, Wires(), idle=IDLE), G, strict=True):
        assert torch.equal(found, side)


def test_with_wires_neighbours_take_some_of_the_current() -> None:
    alone = layer_transfer(G, tile_grid(ROWS, GROUPS * WIDTH, Array(rows=14, cols=7), GROUPS), WIRES)
    beside = layer_transfer(G, GRID, WIRES, idle=IDLE)
    share = beside.pos.sum() / alone.pos.sum()
    assert 0.98 < float(share) < 0.9999


def test_the_gradient_is_that_of_a_difference() -> None:
    g = torch.stack([*G]).requires_grad_()

    def scaled(g: torch.Tensor) -> torch.Tensor:
        return 1e5 * layer_transfer(Components(1e-5 * g[0], 1e-5 * g[1]), GRID, WIRES, idle=IDLE).difference

    assert torch.autograd.gradcheck(scaled, (1e5 * g,), fast_mode=True)


def test_the_memory_of_the_whole_tile_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    # The module: in its package the name is that of the function.
    module = importlib.import_module("hwcore.wires.transfer")
    monkeypatch.setattr(module, "require_memory", lambda needed, what, limit: asked.append(needed))
    require_layer_memory(GRID, WIRES)
    sizes = ((2, 3 * ROWS, 3 * WIDTH), (2, 2 * ROWS, 2 * WIDTH))
    assert asked == [transfer_bytes(*size, WIRES, differentiable=False) for size in sizes]
