"""The sampled staircase against the formula, in value and in gradient; where it softens, thins and ends."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.quant import SampledStaircase, hard_staircase
from hwcore.quant.sampled import FEWEST_PER_WIDTH, MOST_LEVELS, MOST_POINTS, TAIL
from hwcore.spec import parse_hardware, representable
from tests.hwcore.quant.reference import EQUAL, NO_ZERO, VERY_UNEQUAL, plain, table
from tests.hwcore.spec.chips import Description, descriptions


def tails(levels: int, sharpness: float) -> float:
    """What the tails that are left out add up to, in steps: below 1e-6 of a step each, and they fall off by e^-s."""
    return 1e-6 * min(levels, 4 + 4 / sharpness)


def sampled(values: torch.Tensor, sharpness: float, dtype: torch.dtype = torch.float64) -> SampledStaircase:
    return SampledStaircase.build(values, sharpness, dtype=dtype, device=torch.device("cpu"))


def read(found: SampledStaircase, theta: np.ndarray, dtype: torch.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Value and gradient at theta, by way of autograd."""
    point = torch.from_numpy(theta).to(dtype).requires_grad_()
    value = found(point)
    (gradient,) = torch.autograd.grad(value.sum(), point)
    assert value.dtype == gradient.dtype == dtype
    return value.detach().double().numpy(), gradient.double().numpy()


def check(values: torch.Tensor, sharpness: float, dtype: torch.dtype = torch.float64, count: int = 400) -> None:
    """Hold a table to the formula: exact at the point it reads, half a grid step times the slope elsewhere."""
    found = sampled(values, sharpness, dtype)
    v = values.numpy()
    reach = 1.5 * TAIL * np.diff(v).max() / sharpness
    # Between the ends, about the narrowest steps, and beyond the grid.
    narrowest = np.argsort(np.diff(v))[:20]
    near = (v[narrowest] + v[narrowest + 1]) / 2 + np.diff(v)[narrowest] * np.linspace(-2, 2, len(narrowest))
    theta = np.concatenate([np.linspace(v[0] - reach, v[-1] + reach, count), near])
    # Off every even grid, so that no theta lies midway between two points of the table.
    theta += 1e-3 * np.diff(v).min() * np.random.default_rng(1).random(len(theta))
    value, gradient = read(found, theta, dtype)

    half = 0.5 / found.per_unit
    stop = found.start + (len(found.value) - 1) / found.per_unit
    most = found.per_unit / FEWEST_PER_WIDTH
    point = np.round((np.clip(theta, found.start, stop) - found.start) * found.per_unit) / found.per_unit + found.start
    at_point, slope_at_point = plain(point, v, sharpness, most)
    left_out = tails(len(v), sharpness) * np.diff(v).max()
    if dtype == torch.float64:
        np.testing.assert_allclose(value, at_point, rtol=0, atol=left_out)
        np.testing.assert_allclose(
            gradient, slope_at_point, rtol=1e-9, atol=tails(len(v), sharpness) * max(sharpness, 1)
        )
    # In single precision the nearest point may be the next one.
    room = half * (1 if dtype == torch.float64 else 2.1)
    here, _ = plain(theta, v, sharpness, most)
    steepest = np.max([plain(theta + shift, v, sharpness, most)[1] for shift in np.linspace(-room, room, 9)], axis=0)
    inside = (theta > found.start) & (theta < stop)
    allowed = 1.05 * room * steepest + left_out + (0 if dtype == torch.float64 else 2e-7)
    assert (np.abs(value - here) <= allowed)[inside].all()
    flattest = np.min([plain(theta + shift, v, sharpness, most)[1] for shift in np.linspace(-room, room, 9)], axis=0)
    slack = 0.05 * (steepest - flattest) + 1e-5 * max(sharpness, 1)
    assert ((gradient >= flattest - slack) & (gradient <= steepest + slack))[inside].all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sharpness", [0.3, 2.0, 24.0, 1000.0])
@pytest.mark.parametrize("levels", [2, 3, 7, 16, 64, 256])
def test_equal_steps(levels: int, sharpness: float, dtype: torch.dtype) -> None:
    check(torch.linspace(-1, 1, levels, dtype=torch.float64), sharpness, dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("sharpness", [0.3, 2.0, 24.0])
@pytest.mark.parametrize("values", [NO_ZERO, VERY_UNEQUAL])
def test_unequal_steps(values: tuple[float, ...], sharpness: float, dtype: torch.dtype) -> None:
    check(table(values), sharpness, dtype)


@pytest.mark.parametrize("sharpness", [0.3, 24.0])
def test_geometric_steps(sharpness: float) -> None:
    steps = 1.5 ** torch.arange(25, dtype=torch.float64)
    check(torch.cat([torch.zeros(1), steps.cumsum(0)]).double() / float(steps.sum()), sharpness)


@settings(max_examples=20, deadline=None)
@given(descriptions(most_levels=8), st.floats(0.3, 100.0))
def test_random_chips(description: Description, sharpness: float) -> None:
    check(torch.from_numpy(representable(parse_hardware(description)).normalized), sharpness, count=60)


@pytest.mark.parametrize("levels", [2, 5, 40])
@pytest.mark.parametrize("sharpness", [0.3, 2.0, 24.0])
def test_the_error_that_the_docstring_states(levels: int, sharpness: float) -> None:
    # With 16 points per 1/beta and equal steps: 1/(32 sharpness) + 1/128 of a step.
    values = torch.linspace(0, levels - 1, levels, dtype=torch.float64)
    found = sampled(values, sharpness)
    assert found.per_unit >= 16 * sharpness * (1 - 1e-3)
    theta = np.linspace(-1.0, levels, 5001)
    error = np.abs(read(found, theta, torch.float64)[0] - plain(theta, values.numpy(), sharpness)[0])
    assert error.max() <= 1 / (32 * sharpness) + 1 / 128


def test_the_gradient_adds_up_to_the_span() -> None:
    for values, sharpness in ((table(EQUAL), 4.0), (table(VERY_UNEQUAL), 24.0), (table(NO_ZERO), 0.5)):
        found = sampled(values, sharpness)
        risen = np.trapezoid(found.slope.numpy(), dx=1 / found.per_unit)
        assert risen == pytest.approx(float(values[-1] - values[0]), rel=1e-4)


def test_a_step_that_the_table_cannot_resolve_is_softened_and_no_less() -> None:
    # A step of a millionth of the span: its 1/beta would be a hundredth of a point.
    values = table([-1.0, -1.0 + 2e-6, 0.0, 1.0 - 2e-6, 1.0])
    found = sampled(values, 24.0)
    assert len(found.value) == MOST_POINTS
    check(values, 24.0)
    # What is left beyond the ends is a tail: no gradient there, and the end itself.
    far = np.array([-1e6, -3.0, 3.0, 1e6])
    value, gradient = read(found, far, torch.float64)
    np.testing.assert_allclose(value, [-1, -1, 1, 1], rtol=0, atol=1e-8)
    assert np.abs(gradient).max() < 1e-9


@pytest.mark.parametrize("sharpness", [2.0, 24.0])
def test_the_values_of_a_full_pair_of_256_levels_are_thinned(sharpness: float) -> None:
    # Two tables of 256 uneven levels have 65,536 differences, more than a smooth form can resolve.
    generator = torch.Generator().manual_seed(5)
    steps = torch.rand(65535, generator=generator, dtype=torch.float64) + 1e-3
    values = torch.cat([torch.zeros(1, dtype=torch.float64), steps.cumsum(0)]) / float(steps.sum()) * 2 - 1
    found = sampled(values, sharpness)
    theta = np.linspace(-1.05, 1.05, 20_011)
    value, gradient = read(found, theta, torch.float64)
    assert np.isfinite(gradient).all()
    assert gradient.min() >= 0
    assert np.diff(value).min() >= -1e-12
    assert value[0] == pytest.approx(-1, abs=1e-6)
    assert value[-1] == pytest.approx(1, abs=1e-6)
    hard = hard_staircase(torch.from_numpy(theta), values).numpy()
    coarse = 2 / MOST_LEVELS
    assert np.abs(value - hard).max() < 2 * coarse
    assert np.abs(np.diff(value).sum() - 2) < 1e-6


def test_beyond_the_grid_is_the_end_and_no_gradient() -> None:
    for dtype in (torch.float32, torch.float64):
        value, gradient = read(sampled(table(NO_ZERO), 4.0, dtype), np.array([-1e30, -50.0, 50.0, 1e30]), dtype)
        np.testing.assert_allclose(value, [-0.75, -0.75, 1, 1], rtol=0, atol=1e-6)
        assert np.abs(gradient).max() < 1e-5
        infinite, _ = read(sampled(table(NO_ZERO), 4.0, dtype), np.array([-np.inf, np.inf]), dtype)
        np.testing.assert_allclose(infinite, [-0.75, 1], rtol=0, atol=1e-6)


def test_a_nan_is_read_as_one_and_disturbs_no_other() -> None:
    value, gradient = read(sampled(table(NO_ZERO), 4.0), np.array([np.nan, 0.4]), torch.float64)
    alone, slope = read(sampled(table(NO_ZERO), 4.0), np.array([0.4]), torch.float64)
    np.testing.assert_array_equal(value, [np.nan, alone[0]])
    np.testing.assert_array_equal(gradient, [np.nan, slope[0]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shapes_and_memory_layouts(dtype: torch.dtype) -> None:
    found = sampled(table(NO_ZERO), 4.0, dtype)
    theta = torch.linspace(-1, 1, 24, dtype=dtype).reshape(2, 3, 4)
    expected = found(theta)
    turned = theta.permute(2, 0, 1).detach().requires_grad_()
    assert torch.equal(found(turned), expected.permute(2, 0, 1))
    weights = torch.arange(24, dtype=dtype).reshape(2, 3, 4).permute(2, 0, 1)
    (gradient,) = torch.autograd.grad((found(turned) * weights).sum(), turned)
    straight = theta.clone().requires_grad_()
    (same,) = torch.autograd.grad((found(straight) * weights.permute(1, 2, 0)).sum(), straight)
    assert torch.equal(gradient.permute(1, 2, 0), same)
    (slope,) = torch.autograd.grad(found(straight).sum(), straight)
    assert torch.equal(same, slope * weights.permute(1, 2, 0))
    assert torch.equal(found(theta[:, ::2, 1:]), expected[:, ::2, 1:])
    assert found(torch.zeros(0, 3, dtype=dtype)).shape == (0, 3)
    assert found(torch.tensor(0.2, dtype=dtype)).shape == ()
    assert torch.equal(found(theta[:1].expand(4, 3, 4)), expected[:1].expand(4, 3, 4))


def test_what_is_read_is_not_changed() -> None:
    theta = torch.linspace(-2, 2, 50)
    before = theta.clone()
    sampled(table(EQUAL), 4.0, torch.float32)(theta)
    assert torch.equal(theta, before)
