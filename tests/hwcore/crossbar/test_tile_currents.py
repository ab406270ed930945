"""Tiles at work: each converted for itself and then added, worked out with a pencil."""

import math

import pytest
import torch

from hwcore.crossbar import ChipArray, Converters, ReadDraws, array_current, differential_current
from hwcore.streams import stream
from tests.hwcore.crossbar.small_networks import grid

TWO_BLOCKS = grid(2, 1, 1, 1)
ONES = torch.ones(2, 1, dtype=torch.float64)


def table(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def three_bits(*full_scale: float) -> Converters:
    """k_max = 3: at a full scale of 3 a step is 1."""
    return Converters(3, table(*([each] for each in full_scale)))


def test_with_the_matrix_alone_it_is_the_ideal_array() -> None:
    drive, g, cut = drawn(7, 11), drawn(11, 5, seed=1), grid(11, 5, 4, 2)
    assert torch.equal(array_current(drive, ChipArray(g), cut), differential_current(drive, g, cut))


def test_tiles_are_rounded_before_they_are_added() -> None:
    array = ChipArray(ONES, converters=three_bits(3.0, 3.0))
    # 0.6 and 0.6 are 1 and 1, and not the 1 of 1.2; 0.4 and 0.4 are nothing, and not the 1 of 0.8.
    found = array_current(table([0.6, 0.6], [0.4, 0.4], [2.4, -0.6], [0.5, -0.5]), array, TWO_BLOCKS)
    assert found[:, 0].tolist() == [2.0, 0.0, 1.0, 1.0]
    whole = array_current(table([0.6, 0.6], [0.4, 0.4]), ChipArray(ONES, converters=three_bits(3.0)), grid(2, 1))
    assert whole[:, 0].tolist() == [1.0, 1.0]


def test_every_row_of_tiles_has_its_own_range() -> None:
    # Steps of 1 and of 2: 0.6 is 1, and 0.3 steps are none; 1.4 is 1, and 0.7 steps are one of 2.
    array = ChipArray(ONES, converters=three_bits(3.0, 6.0))
    assert array_current(table([0.6, 0.6], [1.4, 1.4]), array, TWO_BLOCKS)[:, 0].tolist() == [1.0, 3.0]


def test_factors_come_after_the_conversion() -> None:
    array = ChipArray(ONES, converters=three_bits(3.0, 3.0), factor=table([2.0], [0.5]))
    # 2 x 1 + 0.5 x 2, where factors before it would give 1 + 1 of 1.2 and 0.8.
    assert array_current(table([0.6, 1.6]), array, TWO_BLOCKS).tolist() == [[3.0]]


def test_without_converters_factors_are_part_of_the_matrix() -> None:
    drive, g, cut = drawn(7, 11), drawn(11, 5, seed=1), grid(11, 5, 4, 2)
    factor = 1 + drawn(3, 5, seed=2).abs()
    expected = sum((drive[:, a:b] @ g[a:b]) * factor[i] for i, (a, b) in enumerate(cut.row_blocks))
    assert isinstance(expected, torch.Tensor)
    torch.testing.assert_close(array_current(drive, ChipArray(g, factor=factor), cut), expected, rtol=1e-12, atol=1e-12)
    wide = ChipArray(g, converters=Converters(16, torch.full((3, 5), 40.0, dtype=torch.float64)), factor=factor)
    assert float((array_current(drive, wide, cut) - expected).abs().max()) < 3 * float(factor.max()) * 40 / 32767


def test_what_is_beyond_the_last_code_is_counted_for_every_tile_and_column() -> None:
    clipped = torch.zeros(2, 1, dtype=torch.int64)
    array = ChipArray(ONES, converters=three_bits(3.0, 3.0))
    drives = table([5.0, -9.0], [3.4, 3.6], [0.0, -3.4])
    found = array_current(drives, array, TWO_BLOCKS, clipped=clipped)
    assert found[:, 0].tolist() == [0.0, 6.0, -3.0]
    assert clipped.tolist() == [[1], [2]]
    array_current(drives, array, TWO_BLOCKS, clipped=clipped)
    assert clipped.tolist() == [[2], [4]]
    assert torch.equal(array_current(drives, array, TWO_BLOCKS), found)


def test_read_noise_of_every_tile_is_its_own() -> None:
    count = 40_000
    variance = table([0.04, 0.0], [0.09, 0.01])
    drive = table([3.0, 2.0]).expand(count, 2)
    g, cut = table([1.0, 1.0], [1.0, 1.0]), grid(2, 2, 1, 2)
    factor = table([1.0, 1.0], [0.5, 2.0])
    # Variances 9 x 0.04 + 0.25 x 4 x 0.09 and 4 x 4 x 0.01, with converters as fine as no noise sees.
    expected = torch.tensor([math.sqrt(0.36 + 0.09), 0.4], dtype=torch.float64)
    fine = Converters(16, torch.full((2, 2), 30.0, dtype=torch.float64))
    for converters in (None, fine):
        array = ChipArray(g, read_variance=variance, factor=factor, converters=converters)
        found = array_current(drive, array, cut, reads=ReadDraws(stream(1)))
        assert bool(((found.std(0) - expected).abs() < 4.5 * expected / math.sqrt(2 * count)).all())
        mean = torch.tensor([4.0, 7.0], dtype=torch.float64)
        assert bool(((found.mean(0) - mean).abs() < 4.5 * expected / math.sqrt(count)).all())
        again = array_current(drive, array, cut, reads=ReadDraws(stream(1)))
        assert torch.equal(found, again)


def test_read_noise_without_a_source_is_refused() -> None:
    array = ChipArray(ONES, read_variance=ONES)
    with pytest.raises(ValueError, match="reads: got None; allowed: draws"):
        array_current(table([1.0, 1.0]), array, TWO_BLOCKS)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_dtype(dtype: torch.dtype) -> None:
    g = drawn(11, 5).to(dtype)
    array = ChipArray(g, g.square(), Converters(6, g.abs()[:3] * 3), g[:3])
    found = array_current(drawn(0, 11).to(dtype), array, grid(11, 5, 4, 2), reads=ReadDraws(stream(0)))
    assert (found.shape, found.dtype) == ((0, 5), dtype)
    assert array_current(drawn(3, 11).to(dtype), array, grid(11, 5, 4, 2), reads=ReadDraws(stream(0))).dtype == dtype
