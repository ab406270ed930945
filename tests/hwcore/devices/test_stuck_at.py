"""Stuck cells: none, all, a hundredth of a million, each for itself, the same for the life of a chip."""

import math

import pytest
import torch

from hwcore.devices import stuck_at, stuck_cells
from hwcore.spec import StuckAt
from hwcore.streams import CHIPS, stream

CELLS = 1_000_000
G_MIN, G_MAX = 1e-6, 4e-5


def test_without_faults_every_cell_is_sound_to_the_bit() -> None:
    g = torch.rand(30, 40, dtype=torch.float64) * G_MAX
    mask = stuck_cells(g.shape, StuckAt(), generator=stream(0))
    assert not mask.any()
    assert torch.equal(stuck_at(g, mask, g_min=G_MIN, g_max=G_MAX), g)


def test_by_hand() -> None:
    mask = torch.tensor([[1, 0], [-1, 0]], dtype=torch.int8)
    g = torch.tensor([[2e-6, 3e-6], [4e-6, 5e-6]], dtype=torch.float64)
    found = stuck_at(g, mask, g_min=G_MIN, g_max=G_MAX)
    assert found.tolist() == [[G_MAX, 3e-6], [G_MIN, 5e-6]]
    assert g.tolist() == [[2e-6, 3e-6], [4e-6, 5e-6]]


@pytest.mark.parametrize(
    ("stuck_on", "stuck_off"), [(0.01, 0.0), (0.0, 0.01), (0.0175, 0.0904), (1e-5, 0.3), (0.3, 0.7), (0.0, 1e-5)]
)
def test_the_rates_are_the_shares_of_a_million_cells(stuck_on: float, stuck_off: float) -> None:
    mask = stuck_cells((1000, 1000), StuckAt(stuck_on=stuck_on, stuck_off=stuck_off), generator=stream(2))
    for rate, code in ((stuck_on, 1), (stuck_off, -1)):
        share = float((mask == code).double().mean())
        assert abs(share - rate) <= 4.5 * math.sqrt(rate * (1 - rate) / CELLS)


@pytest.mark.parametrize(("stuck_on", "code"), [(1.0, 1), (0.0, -1)])
def test_a_rate_of_one_takes_every_cell(stuck_on: float, code: int) -> None:
    mask = stuck_cells((500, 500), StuckAt(stuck_on=stuck_on, stuck_off=1 - stuck_on), generator=stream(0))
    assert bool((mask == code).all())


def test_cells_are_stuck_for_themselves() -> None:
    # Neighbours in a row and in a column are both stuck as often as two cells that know nothing of each other.
    rate = 0.2
    bad = (stuck_cells((1000, 1000), StuckAt(stuck_on=0.1, stuck_off=0.1), generator=stream(4)) != 0).double()
    for pairs in (bad[1:] * bad[:-1], bad[:, 1:] * bad[:, :-1]):
        error = math.sqrt(rate**2 * (1 + 2 * rate) / pairs.numel())
        assert abs(float(pairs.mean()) - rate**2) < 4.5 * error


def test_a_chip_is_its_stream_whatever_it_is_drawn_with() -> None:
    model = StuckAt(stuck_on=0.1, stuck_off=0.2)
    alone = stuck_cells((12, 5), model, generator=stream(7, CHIPS, 2))
    many = stuck_cells((12, 5), model, generator=[stream(7, CHIPS, number) for number in range(3)])
    assert many.shape == (3, 12, 5)
    assert many.dtype == torch.int8
    assert torch.equal(many[2], alone)
    assert torch.equal(alone, stuck_cells((12, 5), model, generator=stream(7, CHIPS, 2)))
    # One target for all chips, each with its own faults.
    g = torch.full((12, 5), 2e-6, dtype=torch.float64)
    spread = stuck_at(g, many, g_min=G_MIN, g_max=G_MAX)
    assert torch.equal(spread[2], stuck_at(g, alone, g_min=G_MIN, g_max=G_MAX))


def test_the_gradient_passes_where_a_cell_is_sound() -> None:
    mask = torch.tensor([1, 0, -1], dtype=torch.int8)
    g = torch.full((3,), 2e-6, dtype=torch.float64, requires_grad=True)
    stuck_at(g, mask, g_min=G_MIN, g_max=G_MAX).sum().backward()
    assert g.grad is not None
    assert g.grad.tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 4)])
def test_shapes(shape: tuple[int, ...]) -> None:
    assert stuck_cells(shape, StuckAt(stuck_on=0.5), generator=stream(0)).shape == shape
