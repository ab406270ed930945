"""Chips drawn at random: a chip is a seed and a number, whatever else is drawn."""

import math

import torch

from hwcore.crossbar import Chip, as_designed, program_chip
from hwcore.spec import AdditiveProgramming, ProportionalProgramming
from tests.hwcore.crossbar.small_networks import layer, network

CELLS = 400
NETWORK = network(
    layer([[8e-6] * CELLS] * CELLS, [[6.4e-6] * CELLS] * CELLS, scale=[1.0] * CELLS, bias=[0.0] * CELLS),
    layer([[8e-6] * 10] * CELLS, [[6.4e-6] * 10] * CELLS, scale=[1.0] * 10, bias=[0.0] * 10, name="fc2"),
)
NOISE = AdditiveProgramming(sigma_ratio=0.05)


def same(first: Chip, second: Chip) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first.g_difference, second.g_difference, strict=True))


def test_as_designed_every_cell_has_its_level() -> None:
    assert all((g == 8e-6 - 6.4e-6).all() for g in as_designed(NETWORK).g_difference)


def test_a_write_without_error_is_as_designed() -> None:
    for off in (AdditiveProgramming(sigma_ratio=0.0), ProportionalProgramming(sigma_ratio=0.0)):
        assert same(program_chip(NETWORK, off, seed=0, number=0), as_designed(NETWORK))


def test_a_chip_is_its_seed_and_number_in_whatever_order_it_is_drawn() -> None:
    forwards = [program_chip(NETWORK, NOISE, seed=3, number=n) for n in range(3)]
    torch.rand(17)
    backwards = [program_chip(NETWORK, NOISE, seed=3, number=n) for n in reversed(range(3))]
    assert all(same(a, b) for a, b in zip(forwards, reversed(backwards), strict=True))
    assert not same(forwards[0], forwards[1])
    assert not same(forwards[0], program_chip(NETWORK, NOISE, seed=4, number=0))


def test_both_components_of_every_cell_err_for_themselves() -> None:
    # Additive, 5 % of each component's own largest conductance: variances of (0.05 x 8)^2 + (0.05 x 6.4)^2 uS^2.
    first, second = program_chip(NETWORK, NOISE, seed=0, number=0).g_difference
    count = first.numel()
    sigma = 0.05e-6 * math.hypot(8, 6.4)
    assert abs(float(first.mean()) - 1.6e-6) < 4 * sigma / math.sqrt(count)
    assert abs(float(first.std()) - sigma) < 4 * sigma / math.sqrt(2 * count)
    # Cells do not share their errors; of so many numbers in float32 a few are alike by chance.
    errors = torch.cat([first.reshape(-1), second.reshape(-1)])
    assert len(torch.unique(errors)) > 0.999 * len(errors)
