"""Random numbers of chips: alone and among others, their moments, their steps."""

import math

import pytest
import torch

from hwcore.devices.draw import standard_normal, uniform
from hwcore.streams import CHIPS, stream

NUMBERS = 4_000_000


@pytest.mark.parametrize("draw", [standard_normal, uniform])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (20, 30), (2, 20, 30)])
def test_a_chip_is_the_same_alone_and_among_others(draw, shape: tuple[int, ...]) -> None:
    many = draw(shape, [stream(1, CHIPS, number) for number in (4, 0, 7)])
    assert (many.shape, many.dtype) == ((3, *shape), torch.float64)
    for chip, number in zip(many, (4, 0, 7), strict=True):
        alone = draw(shape, stream(1, CHIPS, number))
        assert (alone.shape, alone.dtype) == (shape, torch.float64)
        assert torch.equal(alone, chip)


def test_moments_and_tails_of_the_normal_numbers() -> None:
    xi = standard_normal((NUMBERS,), stream(0))
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs(float(xi.pow(power).mean()) - moment) < 4.5 * math.sqrt(variance / NUMBERS)
    for limit in (1.0, 2.0, 3.0, 4.0):
        share = math.erfc(limit / math.sqrt(2))
        assert abs(float((xi.abs() > limit).double().mean()) - share) < 4.5 * math.sqrt(share / NUMBERS)


def test_the_uniform_numbers_are_fine_enough_for_small_rates() -> None:
    u = uniform((NUMBERS,), stream(0))
    assert 0 <= float(u.min()) < 1e-5
    assert 1 - 1e-5 < float(u.max()) < 1
    assert abs(float(u.mean()) - 0.5) < 4.5 / math.sqrt(12 * NUMBERS)
    # Steps of 2^-53, not of 2^-24.
    assert bool((u * 2**24 != (u * 2**24).floor()).double().mean() > 0.99)
