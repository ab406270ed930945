"""Numbers for the noise of products: new ones first, then the same ones from other places."""

import itertools
import math

import numpy as np
import pytest
import torch

from hwcore.crossbar.chip import ChipArray
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.tile_currents import array_current
from hwcore.spec import TileGrid
from hwcore.streams import stream


def test_up_to_the_limit_every_number_is_new() -> None:
    draws, generator = ReadDraws(stream(3), fresh=1000), stream(3)
    for shape in ((10, 20), (7,), (0, 5), (33, 3), (694,)):
        assert torch.equal(draws(shape), torch.randn(shape, generator=generator))
    assert draws.drawn == 1000


def test_beyond_it_they_are_stretches_of_what_was_drawn() -> None:
    draws = ReadDraws(stream(3), fresh=1000)
    whole = torch.cat([draws((250,)) for _ in range(4)]).clone()
    windows = whole.unfold(0, 40, 1)
    starts = [int((windows == draws((8, 5)).reshape(-1)).all(1).nonzero().squeeze()) for _ in range(300)]
    # From anywhere: uniform on 0 to 960.
    assert abs(np.mean(starts) - 480) < 4.5 * 961 / math.sqrt(12 * 300)
    assert (min(starts) < 60, max(starts) > 900) == (True, True)
    assert torch.equal(draws.store, whole)


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0, 3.0])
def test_a_product_that_takes_much_of_them_has_new_ones_every_time(share: float) -> None:
    draws = ReadDraws(stream(3), fresh=10_000)
    count = round(share * 10_000)
    found = [draws((count,)).clone() for _ in range(6)]
    kept = draws.drawn
    for first, second in itertools.combinations(found, 2):
        assert abs(float(np.corrcoef(first, second)[0, 1])) < 4.5 / math.sqrt(count)
    assert kept <= 10_000


def test_the_same_seed_gives_the_same_and_another_others() -> None:
    shapes = [(300,), (300,), (50, 8), (1200,)]
    sources = [ReadDraws(stream(seed), fresh=700) for seed in (1, 1, 2)]
    first, again, other = ([draws(shape).clone() for shape in shapes] for draws in sources)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("fresh", [1 << 12, 1 << 23])
def test_currents_of_many_products_err_by_the_same_law_whatever_the_store(fresh: int) -> None:
    # 200 batches of 100 products on two tiles of 8 columns: 320,000 numbers, 4,096 of them new or all.
    g, variance = torch.zeros(6, 8, dtype=torch.float64), torch.full((6, 8), 0.04, dtype=torch.float64)
    grid = TileGrid(((0, 3), (3, 6)), ((0, 8),))
    array, draws = ChipArray(g, read_variance=variance), ReadDraws(stream(5), fresh=fresh)
    drive = torch.ones(100, 6, dtype=torch.float64)
    found = torch.cat([array_current(drive, array, grid, reads=draws) for _ in range(200)])
    sigma = math.sqrt(6 * 0.04)
    assert float(found.std()) == pytest.approx(sigma, rel=0.03)
    assert abs(float(found.mean())) < 4.5 * sigma / math.sqrt(4096)
    # Columns of one product are independent of one another.
    correlation = np.corrcoef(found.numpy().T) - np.eye(8)
    assert float(np.abs(correlation).max()) < 4.5 / math.sqrt(4096 / 8)
