"""The smooth staircase as in the paper: by hand, its limit, its slope, its bounds."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.quant import hard_staircase, smooth_slope, smooth_staircase, thresholds
from hwcore.spec import parse_hardware, representable
from tests.hwcore.quant.reference import EQUAL, NO_ZERO, VERY_UNEQUAL, plain, table
from tests.hwcore.spec.chips import Description, descriptions

sharpnesses = st.floats(0.2, 200.0)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_equal_steps_by_hand() -> None:
    # Steps of 1 with middles at -1/2 and 1/2: at 1/2 the first has risen by s(4), the second by half.
    found = smooth_staircase(table([0.0, 0.5]), table(EQUAL), 4.0)
    expected = [-1 + logistic(2) + logistic(-2), -1 + logistic(4) + 0.5]
    torch.testing.assert_close(found, table(expected), rtol=1e-15, atol=1e-15)
    assert expected[1] == pytest.approx(0.4820137900379085, rel=1e-14)


def test_each_step_has_a_steepness_of_its_own() -> None:
    # Steps of 1 and 2, sharpness 2: betas of 2 and 1. At 1 both arguments are one: s(1) + 2 s(-1).
    theta, values = table([1.0]), table([0.0, 1.0, 3.0])
    expected = 0.7310585786300049 + 2 * 0.2689414213699951
    assert smooth_staircase(theta, values, 2.0).item() == pytest.approx(expected, rel=1e-14)
    # The widths cancel in the slope: 2 (s(1) s(-1) + s(-1) s(1)).
    assert smooth_slope(theta, values, 2.0).item() == pytest.approx(4 * 0.19661193324148185, rel=1e-14)


@pytest.mark.parametrize("values", [EQUAL, NO_ZERO, VERY_UNEQUAL])
@pytest.mark.parametrize("sharpness", [0.3, 4.0, 50.0])
def test_the_formula_in_numpy_agrees(values: tuple[float, ...], sharpness: float) -> None:
    theta = np.linspace(-1.7, 1.7, 501)
    value, slope = plain(theta, np.array(values), sharpness)
    np.testing.assert_allclose(
        smooth_staircase(torch.from_numpy(theta), table(values), sharpness), value, rtol=0, atol=1e-14
    )
    np.testing.assert_allclose(
        smooth_slope(torch.from_numpy(theta), table(values), sharpness), slope, rtol=1e-11, atol=1e-14
    )


@pytest.mark.parametrize("values", [EQUAL, NO_ZERO, VERY_UNEQUAL])
def test_the_limit_is_the_hard_staircase(values: tuple[float, ...]) -> None:
    levels = table(values)
    # A tenth of its own step away from every threshold.
    theta = torch.cat([thresholds(levels) - 0.1 * levels.diff(), thresholds(levels) + 0.1 * levels.diff()])
    hard = hard_staircase(theta, levels)
    gaps = [float((smooth_staircase(theta, levels, s) - hard).abs().max()) for s in (1.0, 10.0, 100.0, 1000.0)]
    # At a sharpness of 100 a tenth of a step is 10 widths of the logistic.
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3]
    assert gaps[2] < 2 * float(levels.diff().max()) * math.exp(-10)
    assert gaps[3] < 1e-15
    assert float(smooth_slope(theta, levels, 1000.0).max()) < 1e-30


@settings(max_examples=60, deadline=None)
@given(descriptions(), sharpnesses, st.lists(st.floats(-1.3, 1.3), min_size=1, max_size=8))
def test_the_slope_is_the_finite_difference(description: Description, sharpness: float, theta: list[float]) -> None:
    values = torch.from_numpy(representable(parse_hardware(description)).normalized)
    h = 1e-3 * float(values.diff().min()) / sharpness
    points = table(theta)

    def over(width: float) -> torch.Tensor:
        rise = smooth_staircase(points + width, values, sharpness) - smooth_staircase(points - width, values, sharpness)
        return rise / ((points + width) - (points - width))

    slope = smooth_slope(points, values, sharpness)
    # Richardson's extrapolation takes the error of the difference from h^2 to h^4; what is left is the rounding of
    # a value of about 1 over 2h.
    difference = (4 * over(h) - over(2 * h)) / 3
    allowed = 1e-6 * sharpness + 1e-15 / h
    assert float((slope - difference).abs().max()) < allowed


@pytest.mark.parametrize("values", [EQUAL, NO_ZERO])
@pytest.mark.parametrize("sharpness", [0.3, 2.0, 24.0])
def test_the_slope_is_the_finite_difference_within_a_millionth(values: tuple[float, ...], sharpness: float) -> None:
    theta, h = torch.linspace(-1.4, 1.4, 301, dtype=torch.float64), 1e-5
    rise = smooth_staircase(theta + h, table(values), sharpness) - smooth_staircase(theta - h, table(values), sharpness)
    torch.testing.assert_close(smooth_slope(theta, table(values), sharpness), rise / (2 * h), rtol=0, atol=1e-6)


@pytest.mark.parametrize("values", [EQUAL, NO_ZERO])
def test_autograd_finds_the_same_slope(values: tuple[float, ...]) -> None:
    theta = torch.linspace(-1.4, 1.4, 41, dtype=torch.float64, requires_grad=True)
    smooth_staircase(theta, table(values), 7.0).sum().backward()
    assert theta.grad is not None
    torch.testing.assert_close(theta.grad, smooth_slope(theta.detach(), table(values), 7.0), rtol=1e-12, atol=1e-14)
    assert torch.autograd.gradcheck(lambda t: smooth_staircase(t, table(values), 7.0), theta, eps=1e-6, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(descriptions(), sharpnesses)
def test_it_rises_within_its_bounds_and_reaches_every_value(description: Description, sharpness: float) -> None:
    values = torch.from_numpy(representable(parse_hardware(description)).normalized)
    lowest, highest = float(values[0]), float(values[-1])
    reach = 5 * float(values.diff().max()) / sharpness
    theta = torch.linspace(lowest - reach, highest + reach, 2001, dtype=torch.float64)
    found = smooth_staircase(theta, values, sharpness)
    rounding = 4e-16 * len(values)
    assert float(found.diff().min()) >= -rounding
    assert float(smooth_slope(theta, values, sharpness).min()) >= 0
    assert lowest - rounding < float(found.min()) < float(found.max()) < highest + rounding
    # Continuous and from (almost) one end to the other: every value between is reached.
    missed = float(values.diff().max()) * math.exp(-5) * len(values)
    assert float(found[0]) - lowest < missed
    assert highest - float(found[-1]) < missed


@pytest.mark.parametrize("values", [EQUAL, NO_ZERO, VERY_UNEQUAL])
def test_it_stays_strictly_between_the_ends(values: tuple[float, ...]) -> None:
    theta = torch.linspace(-2.0, 2.0, 101, dtype=torch.float64)
    found = smooth_staircase(theta, table(values), 4.0)
    assert values[0] < float(found.min())
    assert float(found.max()) < values[-1]


def test_shapes_and_dtypes() -> None:
    values = table(NO_ZERO)
    theta = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(2, 3, 4)
    assert smooth_staircase(theta, values, 3.0).shape == (2, 3, 4)
    turned = smooth_staircase(theta.permute(2, 0, 1), values, 3.0)
    assert torch.equal(turned, smooth_staircase(theta, values, 3.0).permute(2, 0, 1))
    assert smooth_staircase(torch.zeros(0, dtype=torch.float64), values, 3.0).shape == (0,)
    single = smooth_staircase(theta.float(), values.float(), 3.0)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), smooth_staircase(theta, values, 3.0), rtol=0, atol=1e-6)
