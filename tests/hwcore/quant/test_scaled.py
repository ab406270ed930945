"""r S(x / r) in one read: the formula in value and in both gradients; modes, shapes, ranges of almost nothing."""

import pytest
import torch

from hwcore.quant import SampledStaircase, Staircase, hard_staircase, smooth_staircase
from tests.hwcore.quant.reference import EQUAL, NO_ZERO, table

RANGES = (0.03, 1.0, 2.5, 700.0)


def points(values: torch.Tensor, sharpness: float) -> torch.Tensor:
    """Arguments x / r at points of the table, where a read is the formula itself."""
    found = SampledStaircase.build(values, sharpness, dtype=torch.float64, device=torch.device("cpu"))
    number = torch.arange(0, len(found.value), 61, dtype=torch.float64)
    return found.start + number / found.per_unit


@pytest.mark.parametrize("r", RANGES)
@pytest.mark.parametrize("sharpness", [1.0, 8.0])
@pytest.mark.parametrize("values", [EQUAL, NO_ZERO])
def test_value_and_both_gradients_are_those_of_the_formula(
    values: tuple[float, ...], sharpness: float, r: float
) -> None:
    full_scale = torch.tensor(r, dtype=torch.float64, requires_grad=True)
    x = (points(table(values), sharpness) * r).requires_grad_()
    weights = torch.randn(len(x), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = Staircase(table(values), sharpness=sharpness).scaled(x, full_scale)
    expected = full_scale * smooth_staircase(x / full_scale, table(values), sharpness)
    torch.testing.assert_close(found, expected, rtol=0, atol=4e-6 * r)
    mine = torch.autograd.grad((found * weights).sum(), [x, full_scale])
    theirs = torch.autograd.grad((expected * weights).sum(), [x, full_scale])
    torch.testing.assert_close(mine[0], theirs[0], rtol=0, atol=1e-5 * sharpness)
    # Of a sum: a millionth of each of its terms.
    assert float((mine[1] - theirs[1]).abs()) < 1e-5 * sharpness * float(weights.abs().sum())
    assert float(theirs[1].abs()) > 0.1


def test_the_gradient_of_the_range_is_the_finite_difference() -> None:
    staircase, x = Staircase(table(EQUAL), sharpness=3.0), 3 * points(table(EQUAL), 3.0)
    full_scale = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    (found,) = torch.autograd.grad(staircase.scaled(x, full_scale).sum(), full_scale)

    def total(r: float) -> float:
        return float((r * smooth_staircase(x / r, table(EQUAL), 3.0)).sum())

    assert float(found) == pytest.approx((total(3.0 + 1e-5) - total(3.0 - 1e-5)) / 2e-5, rel=1e-4)


def test_only_the_gradients_that_are_asked_for() -> None:
    staircase = Staircase(table(EQUAL), sharpness=3.0)
    x = torch.linspace(-1, 1, 9, dtype=torch.float64)
    given = torch.tensor(1.5, dtype=torch.float64)
    learned = given.clone().requires_grad_()
    assert not staircase.scaled(x, given).requires_grad
    (by_x,) = torch.autograd.grad(staircase.scaled(x.requires_grad_(), given).sum(), x)
    both = torch.autograd.grad(staircase.scaled(x, learned).sum(), [x, learned])
    assert torch.equal(by_x, both[0])
    (alone,) = torch.autograd.grad(staircase.scaled(x.detach(), learned).sum(), learned)
    assert torch.equal(alone, both[1])


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_hard_values_carry_the_factor(method: str) -> None:
    staircase = Staircase(table(NO_ZERO), method=method).train(method == "straight_through")
    x = torch.linspace(-4, 4, 81, dtype=torch.float64)
    full_scale = torch.tensor(2.5, dtype=torch.float64)
    assert torch.equal(staircase.scaled(x, full_scale), 2.5 * hard_staircase(x / 2.5, table(NO_ZERO)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shapes_and_layouts(dtype: torch.dtype) -> None:
    staircase, full_scale = Staircase(table(EQUAL), sharpness=3.0), torch.tensor(1.7, dtype=dtype, requires_grad=True)
    x = torch.linspace(-2, 2, 24, dtype=dtype).reshape(2, 3, 4)
    expected = staircase.scaled(x, full_scale)
    assert expected.dtype == dtype
    turned = x.permute(2, 0, 1).detach().requires_grad_()
    found = staircase.scaled(turned, full_scale)
    assert torch.equal(found, expected.permute(2, 0, 1))
    (gradient,) = torch.autograd.grad(found.square().sum(), full_scale)
    (straight,) = torch.autograd.grad(expected.square().sum(), full_scale)
    torch.testing.assert_close(gradient, straight, rtol=1e-5, atol=0)
    assert staircase.scaled(x[:0], full_scale).shape == (0, 3, 4)


@pytest.mark.parametrize("r", [0.0, 1e-45, 1e-38, 1e-31, float("nan"), float("inf")])
def test_a_range_that_a_wild_training_left_is_no_crash(r: float) -> None:
    full_scale = torch.tensor(r, requires_grad=True)
    x = torch.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    found = Staircase(table(EQUAL), sharpness=3.0).scaled(x, full_scale)
    found.sum().backward()
    if r < 1:
        assert float(found.abs().max().detach()) <= float(full_scale.detach())
    elif r != r:
        assert bool(found.isnan().all())


def test_images_with_channels_last_keep_their_layout_and_both_gradients() -> None:
    generator = torch.Generator().manual_seed(3)
    staircase, shape = Staircase(table(EQUAL), sharpness=3.0), (4, 6, 5, 3)
    drawn = torch.rand(shape, generator=generator, dtype=torch.float64) * 4 - 2
    weights = torch.randn(shape, generator=generator, dtype=torch.float64)
    found = []
    for layout in (torch.contiguous_format, torch.channels_last):
        x = drawn.to(memory_format=layout).requires_grad_()
        r = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
        y = staircase.scaled(x, r)
        assert y.stride() == x.stride()
        by_x, by_r = torch.autograd.grad((y * weights.to(memory_format=layout)).sum(), [x, r])
        assert by_x.stride() == x.stride()
        found.append((y, by_x, by_r))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])
    torch.testing.assert_close(found[0][2], found[1][2], rtol=1e-12, atol=0)
