"""The hard staircase: the nearest value, ties upwards."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.quant import Staircase, decision_thresholds, hard_staircase, level_index, thresholds
from hwcore.quant import hard as hard_module
from hwcore.quant.hard import FEW_STEPS, PER_POINT, SOME_STEPS, rounded_up
from hwcore.spec import parse_hardware, representable
from tests.hwcore.quant.reference import NO_ZERO, table
from tests.hwcore.spec.chips import Description, descriptions


def test_by_hand() -> None:
    values = table([-1.0, 0.0, 0.5, 2.0])
    assert thresholds(values).tolist() == [-0.5, 0.25, 1.25]
    theta = torch.tensor([-9.0, -0.51, -0.49, 0.0, 0.24, 0.26, 1.2, 1.3, 9.0])
    assert hard_staircase(theta.double(), values).tolist() == [-1.0, -1.0, 0.0, 0.0, 0.0, 0.5, 0.5, 2.0, 2.0]


def test_exactly_between_two_values_the_upper_one_is_taken() -> None:
    values = table([-1.0, 0.0, 0.5, 2.0])
    assert hard_staircase(thresholds(values), values).tolist() == [0.0, 0.5, 2.0]
    below = torch.nextafter(thresholds(values), torch.tensor(-torch.inf, dtype=torch.float64))
    assert hard_staircase(below, values).tolist() == [-1.0, 0.0, 0.5]


def test_a_decision_leaves_a_billionth_of_the_step_below_a_threshold() -> None:
    values = table([-1.0, 0.0, 0.5, 2.0])
    steps = decision_thresholds(values)
    torch.testing.assert_close(steps, table([-0.5 - 1e-9, 0.25 - 0.5e-9, 1.25 - 1.5e-9]), rtol=1e-15, atol=0)
    # What rounding may leave of a tie, a few 1e-16, is decided as the tie is; a true difference is not.
    for off, expected in ((-1e-15, [1, 2, 3]), (0.0, [1, 2, 3]), (-1e-8, [0, 1, 2])):
        assert level_index(thresholds(values) + off, steps).tolist() == expected


def test_every_value_is_its_own_hard_value() -> None:
    values = table(NO_ZERO)
    assert torch.equal(hard_staircase(values, values), values)
    assert level_index(values, thresholds(values)).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [1, 2, 15, SOME_STEPS - 1, SOME_STEPS, SOME_STEPS + 1, 255, 300])
def test_comparing_with_few_steps_finds_what_searching_finds(count: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(count)
    steps = torch.rand(count, dtype=torch.float64, generator=generator).add(1e-3).cumsum(0).to(dtype)
    anywhere = torch.rand(500, dtype=dtype, generator=generator) * (float(steps[-1]) + 1) - 0.5
    # Ties, the next numbers on either side of them, and both ends.
    infinite = torch.tensor([torch.inf], dtype=dtype)
    sides = [torch.nextafter(steps, -infinite), steps, torch.nextafter(steps, infinite), infinite, -infinite]
    theta = torch.cat([anywhere, *sides])
    found = level_index(theta, steps)
    assert found.dtype == torch.int64
    assert torch.equal(found, torch.bucketize(theta, steps, right=True))
    assert found.max() == count
    assert torch.equal(level_index(theta[:-1].reshape(-1, 1).T, steps), found[None, :-1])
    assert torch.equal(level_index(theta.clone().requires_grad_(), steps), found)


def many(steps: torch.Tensor) -> torch.Tensor:
    """Every step, its neighbours on either side, both ends, and enough numbers in between for a table."""
    numbers = PER_POINT << 13
    infinite = torch.tensor([torch.inf], dtype=steps.dtype)
    sides = [steps, torch.nextafter(steps, -infinite), torch.nextafter(steps, infinite), infinite, -infinite]
    reach = float(steps[-1] - steps[0]) / 4
    between = torch.linspace(float(steps[0]) - reach, float(steps[-1]) + reach, numbers, dtype=steps.dtype)
    return torch.cat([*sides, between, 1e6 * between])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("count", [FEW_STEPS, FEW_STEPS + 1, SOME_STEPS, 255, 1000])
@pytest.mark.parametrize("spacing", ["even", "drawn", "exponential"])
def test_a_look_at_a_table_finds_what_searching_finds(
    spacing: str, count: int, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = torch.Generator().manual_seed(count)
    gaps = {
        "even": torch.ones(count, dtype=torch.float64),
        "drawn": torch.rand(count, dtype=torch.float64, generator=generator) + 0.05,
        "exponential": torch.linspace(0, 2, count, dtype=torch.float64).exp(),
    }[spacing]
    steps = (gaps.cumsum(0) / gaps.sum() - 0.4).to(dtype)
    looked = []
    placed = hard_module._placed_count
    monkeypatch.setattr(hard_module, "_placed_count", lambda theta, table: looked.append(1) or placed(theta, table))
    theta = many(steps)
    found = level_index(theta, steps)
    assert found.dtype == torch.int64
    assert torch.equal(found, torch.bucketize(theta, steps, right=True))
    assert bool(looked) is (count > FEW_STEPS and not (spacing == "drawn" and count == 1000))
    # Whatever the layout, and as for a handful of numbers, that are not worth a table.
    pairs = theta[: len(theta) // 2 * 2].reshape(-1, 2)
    assert torch.equal(level_index(pairs.T, steps), found[: pairs.numel()].reshape(-1, 2).T)
    looked.clear()
    assert torch.equal(level_index(theta[:100], steps), found[:100])
    assert not looked


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("away", [0.0, 1e3, 1e6, 1e9])
def test_steps_far_from_zero_are_told_apart_or_searched(away: float, dtype: torch.dtype) -> None:
    # Near 1e6 single precision has 16 numbers in a unit: a place there is too coarse for a table.
    steps = (torch.arange(1, 41, dtype=torch.float64) + away).to(dtype).unique()
    theta = many(steps)
    assert torch.equal(level_index(theta, steps), torch.bucketize(theta, steps, right=True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", ["smallest", "largest"])
def test_steps_at_the_ends_of_a_precision_are_told_apart(scale: str, dtype: torch.dtype) -> None:
    limits = torch.finfo(dtype)
    unit = 4 * limits.smallest_normal * limits.eps if scale == "smallest" else limits.max / 64
    steps = torch.arange(-20, 21).to(dtype) * unit
    theta = torch.cat([torch.arange(-25, 26).to(dtype) * unit, steps, steps + unit / 2, steps - unit / 4]).repeat(300)
    assert torch.equal(level_index(theta, steps), torch.bucketize(theta, steps, right=True))


def test_steps_that_fall_together_and_steps_of_another_precision_have_no_table() -> None:
    twice = torch.tensor([0.1, 0.2, 0.2, *torch.linspace(0.3, 0.9, 10).tolist()])
    theta = many(twice)
    assert torch.equal(level_index(theta, twice), torch.bucketize(theta, twice, right=True))
    finer = twice.double() + 1e-9
    assert torch.equal(level_index(theta, finer), torch.stack([theta >= step for step in finer]).sum(0))


@settings(max_examples=60, deadline=None)
@given(descriptions())
def test_a_table_finds_the_values_of_any_cell(description: Description) -> None:
    values = torch.from_numpy(representable(parse_hardware(description)).normalized)
    for dtype in (torch.float32, torch.float64):
        steps = decision_thresholds(values).to(dtype).unique()
        theta = many(steps)
        assert torch.equal(level_index(theta, steps), torch.bucketize(theta, steps, right=True))


@settings(max_examples=60, deadline=None)
@given(descriptions(), st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=20))
def test_no_other_value_is_nearer(description: Description, theta: list[float]) -> None:
    values = representable(parse_hardware(description)).normalized
    found = hard_staircase(table(theta), torch.from_numpy(values)).numpy()
    distance = np.abs(np.array(theta)[:, None] - values).min(1)
    np.testing.assert_allclose(np.abs(np.array(theta) - found), distance, rtol=0, atol=1e-15)


def test_shapes_and_memory_layouts() -> None:
    values = table(NO_ZERO)
    theta = torch.linspace(-1, 1, 24, dtype=torch.float64).reshape(2, 3, 4)
    expected = hard_staircase(theta, values)
    assert expected.shape == theta.shape
    # A transposed tensor is neither a wrong answer nor a warning.
    assert torch.equal(hard_staircase(theta.permute(2, 0, 1), values), expected.permute(2, 0, 1))
    assert torch.equal(hard_staircase(theta[:, :, ::2], values), expected[:, :, ::2])
    assert hard_staircase(torch.zeros(0, 5, dtype=torch.float64), values).shape == (0, 5)
    assert hard_staircase(torch.tensor(0.3, dtype=torch.float64), values) == 0.4
    assert hard_staircase(theta.float(), values.float()).dtype == torch.float32


@pytest.mark.parametrize("count", [2, 4, 16, 256])
def test_single_precision_decides_as_double_does(count: int) -> None:
    generator = torch.Generator().manual_seed(count)
    values = (torch.rand(count, dtype=torch.float64, generator=generator) + 0.1).cumsum(0)
    values = values / values[-1] - 0.3
    exact = decision_thresholds(values)
    near = exact.float()
    # On the thresholds, a last bit beside them, and anywhere.
    beside = [near, near.nextafter(near + 1), near.nextafter(near - 1)]
    theta = torch.cat([*beside, torch.rand(5000, generator=generator) * 1.4 - 0.5])
    narrow = rounded_up(exact, torch.float32)
    assert narrow is not None
    expected = torch.from_numpy(np.searchsorted(exact.numpy(), theta.double().numpy(), side="right"))
    assert torch.equal(level_index(theta, narrow), expected)
    staircase = Staircase(values).eval()
    assert torch.equal(staircase(theta), values.float()[expected])


def test_thresholds_that_single_precision_cannot_tell_apart_are_decided_in_double() -> None:
    close = torch.tensor([1.0, 1.0 + 1e-9, 1.0 + 2e-9, 2.0], dtype=torch.float64)
    assert rounded_up(decision_thresholds(close), torch.float32) is None
    theta = torch.tensor([0.0, 1.0, 1.2, 1.8])
    assert Staircase(close).eval()(theta).tolist() == [1.0, 1.0, 1.0, 2.0]
