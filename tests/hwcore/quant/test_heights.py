"""A staircase through other heights than its values: the formula, its gradient, and which heights are read when."""

import pytest
import torch

from hwcore.quant import SampledStaircase, Staircase
from tests.hwcore.quant.reference import EQUAL, NO_ZERO, table

HEIGHTS = (0.3, -0.1, 0.25, 0.25, 2.0)
"""Through falls, rises and a flat: heights come in any order."""


def formula(theta: torch.Tensor, values: torch.Tensor, heights: torch.Tensor, sharpness: float) -> torch.Tensor:
    """h_0 + sum_k (h_(k+1) - h_k) sigma(beta_k (theta - m_k)), one step after the other."""
    found = torch.full_like(theta, float(heights[0]))
    for k in range(len(values) - 1):
        width, middle = values[k + 1] - values[k], (values[k] + values[k + 1]) / 2
        found = found + (heights[k + 1] - heights[k]) / (1 + torch.exp(-sharpness / width * (theta - middle)))
    return found


def grid(found: SampledStaircase) -> torch.Tensor:
    """Theta at the points of a table."""
    return found.start + torch.arange(len(found.value), dtype=torch.float64) / found.per_unit


def built(heights: torch.Tensor | None, sharpness: float) -> SampledStaircase:
    return SampledStaircase.build(
        table(NO_ZERO), sharpness, heights=heights, dtype=torch.float64, device=torch.device("cpu")
    )


@pytest.mark.parametrize("sharpness", [0.5, 4.0, 40.0])
def test_the_table_is_the_formula_and_its_finite_difference(sharpness: float) -> None:
    heights = table(HEIGHTS)
    found = built(heights, sharpness)
    theta, h = grid(found), 1e-5
    # What the tails leave out is a millionth of every step.
    left_out = 1e-6 * float(heights.diff().abs().sum())
    torch.testing.assert_close(
        found.value, formula(theta, table(NO_ZERO), heights, sharpness), rtol=0, atol=2 * left_out
    )
    rise = formula(theta + h, table(NO_ZERO), heights, sharpness) - formula(
        theta - h, table(NO_ZERO), heights, sharpness
    )
    steepest = float((heights.diff().abs() / table(NO_ZERO).diff()).sum()) * sharpness / 4
    torch.testing.assert_close(found.slope, rise / (2 * h), rtol=0, atol=4e-6 * steepest)


def test_the_values_as_heights_are_the_staircase_itself() -> None:
    same, plain = built(table(NO_ZERO), 6.0), built(None, 6.0)
    assert torch.equal(same.value, plain.value)
    assert torch.equal(same.slope, plain.slope)
    # The steps stay where they are: twice the heights are twice the staircase.
    twice = built(2 * table(NO_ZERO), 6.0)
    torch.testing.assert_close(twice.value, 2 * plain.value, rtol=1e-14, atol=1e-15)
    assert (twice.start, twice.per_unit) == (plain.start, plain.per_unit)


def test_through_in_training_is_the_formula_in_value_and_gradient() -> None:
    staircase = Staircase(table(NO_ZERO), sharpness=5.0)
    theta = grid(built(None, 5.0))[::37].clone().requires_grad_()
    weights = torch.linspace(-1, 1, len(theta), dtype=torch.float64)
    found = staircase.through(theta, table(HEIGHTS))
    (gradient,) = torch.autograd.grad((found * weights).sum(), theta)
    expected = formula(theta, table(NO_ZERO), table(HEIGHTS), 5.0)
    (slope,) = torch.autograd.grad((expected * weights).sum(), theta)
    torch.testing.assert_close(found, expected, rtol=0, atol=5e-6)
    torch.testing.assert_close(gradient, slope, rtol=0, atol=5e-5)
    assert float(slope.abs().max()) > 0.5


def test_every_heights_are_read_from_a_table_of_their_own() -> None:
    staircase = Staircase(table(EQUAL), sharpness=3.0)
    theta = torch.linspace(-2, 2, 41, dtype=torch.float64)

    def close(heights: torch.Tensor, sharpness: float, dtype: torch.dtype = torch.float64) -> None:
        found = staircase.through(theta.to(dtype), heights)
        assert found.dtype == dtype
        expected = formula(theta, table(EQUAL), heights, sharpness).to(dtype)
        torch.testing.assert_close(found, expected, rtol=0, atol=0.02 * float(heights.diff().abs().max()))

    first, second = table([1.0, 5.0, 2.0]), table([0.1, 0.1, 0.3])
    for _ in range(2):
        close(first, 3.0)
        close(second, 3.0)
    close(second, 3.0, torch.float32)
    close(first, 3.0)
    # Heights that come and go, as one writes a - b: none is taken for another that had the same address.
    for number in range(20):
        close(first + number, 3.0)
    staircase.sharpen(9.0)
    close(first, 9.0)
    staircase.float()
    close(first, 9.0, torch.float32)


def test_hard_and_straight_through_give_the_height_of_the_nearest_value_without_a_gradient() -> None:
    theta = torch.linspace(-1.2, 1.4, 53, dtype=torch.float64).requires_grad_()
    middles = table([-0.475, -0.075, 0.225, 0.7])
    expected = table(HEIGHTS)[(theta.detach()[:, None] >= middles).sum(1)]
    for staircase in (Staircase(table(NO_ZERO)).eval(), Staircase(table(NO_ZERO), method="straight_through")):
        found = staircase.through(theta, table(HEIGHTS))
        assert torch.equal(found, expected)
        assert not found.requires_grad
        assert staircase.through(theta.float(), table(HEIGHTS)).dtype == torch.float32
