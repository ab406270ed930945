"""A layer on its tiles."""

import importlib

import pytest
import torch

from hwcore.errors import ArrayTooLarge
from hwcore.mapping import Components
from hwcore.spec import Array, tile_grid
from hwcore.wires import PairLayout, Wires, layer_transfer, pair_transfer, require_layer_memory, require_layers_memory
from hwcore.wires import memory as memory_of_wires
from tests.hwcore.wires.drawn_arrays import apart, drawn

WIRES = Wires(2.0, 3.0, 20.0, 30.0)
# The module: in its package the name is that of the function.
TRANSFER, LAYER = (importlib.import_module(f"hwcore.wires.{name}") for name in ("transfer", "layer"))


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
@pytest.mark.parametrize("array", [(4, 3), (5, 5), (100, 100), (1, 1)])
def test_every_tile_is_a_circuit_of_its_own(layout: PairLayout, array: tuple[int, int]) -> None:
    g = Components(drawn(10, 7, off=0.1), drawn(10, 7, off=0.1, seed=1))
    grid = tile_grid(10, 7, Array(rows=array[0], cols=array[1]))
    m = layer_transfer(g, grid, WIRES, layout)
    for rows in (slice(*block) for block in grid.row_blocks):
        for cols in (slice(*block) for block in grid.col_blocks):
            for found, expected in zip(m[rows, cols], pair_transfer(g[rows, cols], WIRES, layout), strict=True):
                assert apart(found, expected) < 1e-13


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_without_resistance_it_is_the_layer_itself(layout: PairLayout) -> None:
    g = Components(drawn(10, 7), drawn(10, 7, seed=1))
    for found, side in zip(layer_transfer(g, tile_grid(10, 7, Array(rows=4, cols=3)), Wires(), layout), g, strict=True):
        assert torch.equal(found, side)


def test_the_gradient_finds_its_cell() -> None:
    g_pos, g_neg = drawn(6, 5).requires_grad_(), drawn(6, 5, seed=1).requires_grad_()
    m_pos, _ = layer_transfer(Components(g_pos, g_neg), tile_grid(6, 5, Array(rows=4, cols=3)), WIRES)
    (found,) = torch.autograd.grad(m_pos[:4, 3:].sum(), g_pos)
    assert bool((found[:4, 3:] > 0).all())
    assert not found[4:].any()
    assert not found[:, :3].any()


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
@pytest.mark.parametrize("differentiable", [False, True])
def test_what_is_asked_beforehand_is_what_is_asked_then(
    layout: PairLayout, differentiable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str]] = []
    for module in (TRANSFER, LAYER):
        monkeypatch.setattr(module, "require_memory", lambda n, what, limit: asked.append((n, what)))
    grid = tile_grid(10, 7, Array(rows=4, cols=3))
    g = Components(*(drawn(10, 7, seed=seed).requires_grad_(differentiable) for seed in (0, 1)))
    layer_transfer(g, grid, WIRES, layout)
    then = list(asked)
    asked.clear()
    if differentiable:
        # What is kept for the way back adds up.
        require_layers_memory([grid], WIRES, layout, differentiable=True)
        assert asked == [(sum(needed for needed, _ in then), "all transfer matrices of 1 layer with their gradient")]
    else:
        require_layer_memory(grid, WIRES, layout)
        assert asked == then
    assert len(then) == 4


def test_layers_at_once_take_what_the_largest_of_them_do(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(LAYER, "require_memory", lambda needed, what, limit: asked.append(needed))
    grids = [tile_grid(rows, 7, Array(rows=4, cols=3)) for rows in (10, 60, 30)]
    for differentiable in (False, True):
        asked.clear()
        for grid in grids:
            require_layers_memory([grid], WIRES, differentiable=differentiable)
        for at_once in (1, 2, 3, 8):
            require_layers_memory(grids, WIRES, at_once=at_once, differentiable=differentiable)
        small, large, middle, *found = asked
        assert small < middle < large
        assert found == [large, large + middle, large + middle + small, large + middle + small]


def test_a_layer_that_does_not_fit_is_refused_with_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = tile_grid(20000, 20000, Array(rows=10000, cols=10000))
    with pytest.raises(ArrayTooLarge, match=r"8 arrays of 10000 x 10000 cells takes 73\.6 GB .* allowed here: 1\.0 GB"):
        require_layer_memory(grid, WIRES, memory=10**9)
    with pytest.raises(ArrayTooLarge, match=r"of 10000 x 10000 cells, 3 times at once, takes 220\.8 GB"):
        require_layer_memory(grid, WIRES, memory=10**9, copies=3)
    monkeypatch.setattr(memory_of_wires, "available_memory", lambda: 10**15)
    require_layers_memory([grid], WIRES, differentiable=True)
