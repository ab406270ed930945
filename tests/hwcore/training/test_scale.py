"""From weights to the chip's scale: by hand, and what either rule promises."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.quant import hard_staircase
from hwcore.spec import parse_hardware, representable
from hwcore.training import full_range_of_layer_scale, full_range_scale, least_error_scale
from tests.hwcore.spec.chips import Description, descriptions

RULES = (full_range_scale, full_range_of_layer_scale, least_error_scale)


def table(values: object) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def rounding_error(weights: torch.Tensor, scale: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Squared error of every output."""
    return (hard_staircase(weights / scale[:, None], values) * scale[:, None] - weights).square().sum(1)


def test_full_range_by_hand() -> None:
    # -2 / -0.75 asks for more than 1 / 1; the second output only has positive weights.
    weights, values = table([[1.0, -2.0], [0.5, 0.1]]), table([-0.75, 0.1, 1.0])
    per_column = full_range_scale(weights, values, per_column=True)
    torch.testing.assert_close(per_column, table([2 / 0.75, 0.5]), rtol=1e-14, atol=0)
    torch.testing.assert_close(
        full_range_scale(weights, values, per_column=False), table([2 / 0.75]), rtol=1e-14, atol=0
    )


def test_full_range_of_the_layer_is_that_of_its_largest_weight_in_every_column() -> None:
    weights, values = table([[1.0, -2.0], [0.5, 0.1]]), table([-0.75, 0.1, 1.0])
    for per_column in (True, False):
        found = full_range_of_layer_scale(weights, values, per_column=per_column)
        torch.testing.assert_close(found, table([2 / 0.75] * (2 if per_column else 1)), rtol=1e-14, atol=0)


def test_least_error_by_hand() -> None:
    # With -1, 0, 1 all weights become s: 8 (s - 0.5)^2 + (s - 1)^2 is least at 5/9; of the fortieths 22/40 is nearest.
    weights, values = table([[0.5] * 8 + [1.0]]), table([-1.0, 0.0, 1.0])
    found = least_error_scale(weights, values, per_column=True)
    torch.testing.assert_close(found, table([22 / 40]), rtol=1e-12, atol=0)
    assert full_range_scale(weights, values, per_column=True).tolist() == [1.0]


@pytest.mark.parametrize("per_column", [True, False])
def test_a_side_that_is_next_to_nothing_does_not_set_the_scale(per_column: bool) -> None:
    # A positive component of 4 fS beside a negative one of 45 uS: for its sake all others would be 1e10 as large.
    values = table([-1.0, -0.6, -0.3, 0.0, 1e-10])
    weights = table([[0.5, -0.9, -0.3, -0.6], [0.2, 0.1, -0.5, 0.0]])
    found = least_error_scale(weights, values, per_column=per_column)
    assert bool((found <= 1.0).all())
    error = rounding_error(weights, found, values)
    # Not much more than what the weights above 0 cost, which nothing can hold.
    assert bool((error <= 1.2 * weights.clamp(min=0).square().sum(1)).all())
    # All weights above 0, which nothing can hold: the scale stays among those of the others.
    assert float(least_error_scale(weights[:1].abs(), values, per_column=per_column)[0]) <= 40 * 0.9


@pytest.mark.parametrize("per_column", [True, False])
@pytest.mark.parametrize(("values", "large"), [([0.5, 0.75, 1.0], 1.0), ([-1.0, -0.5], -1.0), ([-1.0, 1.0], -1.0)])
def test_a_side_that_asks_for_nothing_has_no_shares(values: list[float], large: float, per_column: bool) -> None:
    # A large weight, and many small ones that cost less at next to nothing than at a fortieth of it.
    small = large if min(values) * max(values) < 0 else -large
    weights = table([[small * 1e-4] * 700 + [large], [small * 1e-5] * 700 + [large]])
    found = least_error_scale(weights, table(values), per_column=per_column)
    full = full_range_scale(weights, table(values), per_column=per_column)
    torch.testing.assert_close(found, full / 40, rtol=1e-12, atol=0)


def test_weights_on_the_values_are_left_as_they_are() -> None:
    values = table([-0.75, -0.2, 0.1, 1.0])
    weights = 3.0 * torch.stack([values, values.flip(0)])
    for rule in RULES:
        torch.testing.assert_close(rule(weights, values, per_column=True), table([3.0, 3.0]), rtol=1e-14, atol=0)


@settings(max_examples=40, deadline=None)
@given(descriptions(most_levels=6), st.integers(0, 999), st.floats(1e-3, 1e3), st.booleans())
def test_what_either_rule_promises(description: Description, seed: int, size: float, per_column: bool) -> None:
    values = torch.from_numpy(representable(parse_hardware(description)).normalized)
    weights = torch.from_numpy(size * np.random.default_rng(seed).standard_t(3, (5, 30)))
    full = full_range_scale(weights, values, per_column=per_column)
    least = least_error_scale(weights, values, per_column=per_column)
    assert full.shape == least.shape == ((5,) if per_column else (1,))
    assert bool((least > 0).all() and (least <= full).all())
    # Nothing of a sign that is representable is clipped by full_range, and a smaller scale would clip.
    latent = weights / full.expand(5)[:, None]
    if values[0] < 0 < values[-1]:
        assert float(latent.max()) <= float(values[-1]) * (1 + 1e-12)
        assert float(latent.min()) >= float(values[0]) * (1 + 1e-12)
        ends = torch.maximum(latent.amax(1) / values[-1], latent.amin(1) / values[0])
        torch.testing.assert_close(ends if per_column else ends.max()[None], torch.ones_like(full), rtol=1e-12, atol=0)
    errors = [rounding_error(weights, scale.expand(5), values) for scale in (least, full)]
    by_group = errors if per_column else [error.sum()[None] for error in errors]
    # No more error than without clipping, but where that takes more than 40 times the scale of the largest weight.
    largest = weights.abs().amax(1) if per_column else weights.abs().max()[None]
    within = full <= 40 * largest / values.abs().max()
    assert bool((by_group[0] <= by_group[1] * (1 + 1e-9))[within].all())
    assert bool((least <= 40 * largest / values.abs().max() * (1 + 1e-12)).all())


@pytest.mark.parametrize("per_column", [True, False])
@pytest.mark.parametrize("rule", RULES)
def test_a_column_of_zeros_still_has_a_scale(rule: object, per_column: bool) -> None:
    weights = torch.zeros(2, 3, dtype=torch.float64)
    scale = rule(weights, table([-1.0, 0.0, 1.0]), per_column=per_column)  # type: ignore[operator]
    assert bool((scale > 0).all())
    assert bool((weights / scale[:, None]).isfinite().all())


def test_a_side_without_values_of_its_sign_counts_not() -> None:
    weights = table([[0.5, -4.0, 2.0]])
    assert full_range_scale(weights, table([0.25, 1.0]), per_column=True).tolist() == [2.0]
    assert full_range_scale(weights, table([-1.0, -0.25]), per_column=True).tolist() == [4.0]
    assert 0 < float(least_error_scale(weights, table([0.25, 1.0]), per_column=True)) <= 2.0
