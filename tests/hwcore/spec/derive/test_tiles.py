"""How matrices are cut into tiles, and what networks take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwcore.spec import Array, LayerPlan, Window, chain_graph, dense_graph, footprint, network_graph, tile_grid
from hwcore.spec.jobs.model import MODELS
from tests.hwcore.spec.chips import chip

CELL = {"levels": 4, "g_max": 5e-5}


def test_a_matrix_that_fits_is_one_tile() -> None:
    grid = tile_grid(64, 10, Array())
    assert (grid.row_blocks, grid.col_blocks, grid.count) == (((0, 64),), ((0, 10),), 1)


def test_only_the_last_block_is_smaller() -> None:
    grid = tile_grid(300, 128, Array(rows=128, cols=64))
    assert grid.row_blocks == ((0, 128), (128, 256), (256, 300))
    assert grid.col_blocks == ((0, 64), (64, 128))
    assert grid.count == 6


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 200), st.integers(1, 200))
def test_blocks_cover_the_matrix_without_gaps_and_fit_the_array(rows: int, cols: int, height: int, width: int) -> None:
    grid = tile_grid(rows, cols, Array(rows=height, cols=width))
    for blocks, length, size in ((grid.row_blocks, rows, height), (grid.col_blocks, cols, width)):
        assert [index for start, stop in blocks for index in range(start, stop)] == list(range(length))
        assert all(stop - start <= size for start, stop in blocks)


@given(st.integers(1, 20), st.integers(1, 9), st.integers(1, 9), st.integers(1, 8), st.integers(1, 8))
def test_no_tile_has_columns_of_two_groups(rows: int, groups: int, width: int, height: int, cols: int) -> None:
    array = Array(rows=height, cols=cols)
    grid, alone = tile_grid(rows, groups * width, array, groups), tile_grid(rows, width, array)
    moved = [
        (group * width + start, group * width + stop) for group in range(groups) for start, stop in alone.col_blocks
    ]
    assert (grid.row_blocks, grid.col_blocks) == (alone.row_blocks, tuple(moved))
    assert (grid.count, grid.groups) == (groups * alone.count, groups)


def test_footprint_of_the_mnist_network_with_a_digital_bias() -> None:
    needs = footprint(chip(CELL), dense_graph((784, 512, 512, 10)))
    assert [(each.name, each.rows, each.cols, each.tiles, each.cells) for each in needs.layers] == [
        ("fc1", 784, 512, 7 * 4, 2 * 784 * 512),
        ("fc2", 512, 512, 4 * 4, 2 * 512 * 512),
        ("fc3", 512, 10, 4, 2 * 512 * 10),
    ]
    assert needs.layers[1].utilisation == 1.0
    assert needs.layers[2].utilisation == pytest.approx(10 / 128, rel=1e-15)
    assert (needs.tiles, needs.cells) == (48, 2 * 668672)
    assert needs.utilisation == pytest.approx(668672 / (48 * 128 * 128), rel=1e-15)


def test_a_bias_in_the_array_takes_one_more_row() -> None:
    # 129 rows no longer fit in one array of 128.
    needs = footprint(chip(CELL, weights={"bias": "array_row"}), dense_graph((128, 10)))
    assert [(each.rows, each.tiles, each.cells) for each in needs.layers] == [(129, 2, 2 * 129 * 10)]


def test_a_convolution_takes_its_array_once_whatever_the_positions() -> None:
    needs = footprint(chip(CELL), network_graph(MODELS["lenet-5"], "mnist"))
    assert [(each.name, each.kind, each.positions, each.rows, each.cols, each.tiles) for each in needs.layers] == [
        ("conv1", "conv", 784, 25, 6, 1),
        ("conv2", "conv", 100, 150, 16, 2),
        ("fc1", "dense", 1, 400, 120, 4),
        ("fc2", "dense", 1, 120, 84, 1),
        ("fc3", "dense", 1, 84, 10, 1),
    ]
    assert (needs.tiles, needs.cells) == (9, 2 * (25 * 6 + 150 * 16 + 400 * 120 + 120 * 84 + 84 * 10))
    with_row = footprint(chip(CELL, weights={"bias": "array_row"}), network_graph(MODELS["lenet-5"], "mnist"))
    assert [each.rows for each in with_row.layers] == [26, 151, 401, 121, 85]


def test_every_channel_of_a_depthwise_layer_has_a_tile_of_which_it_uses_next_to_nothing() -> None:
    depthwise = LayerPlan("conv2", "conv", 64, Window.of(64, (25, 5), kernel=3, padding=1, groups=64))
    needs = footprint(chip(CELL), chain_graph((depthwise,))).layers[0]
    assert (needs.rows, needs.cols, needs.tiles, needs.cells, needs.positions) == (9, 64, 64, 2 * 9 * 64, 125)
    # 9 x 1 of 128 x 128 cells.
    assert needs.utilisation == pytest.approx(9 / 128**2, rel=1e-15)
    assert needs.utilisation < 0.01
    with_row = footprint(chip(CELL, weights={"bias": "array_row"}), chain_graph((depthwise,))).layers[0]
    assert (with_row.rows, with_row.tiles) == (10, 64)
