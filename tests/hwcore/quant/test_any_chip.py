"""Property tests of the staircases over random tables and chips: slope, order, bounds, limit, values of real cells."""

import math

import numpy as np
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hwcore.quant import Staircase, hard_staircase, smooth_slope, smooth_staircase, thresholds
from hwcore.spec import component_tables, parse_hardware, representable
from hwcore.spec.derive.representable import PAIR_TOLERANCE
from tests.hwcore.quant.reference import table
from tests.hwcore.spec.chips import Description, descriptions

sharpnesses = st.floats(0.2, 200.0)


@st.composite
def tables(draw: st.DrawFn) -> list[float]:
    """Two to forty values within [-1, 1]; no step is a thousandth of another."""
    steps = draw(st.lists(st.floats(0.002, 1.0), min_size=1, max_size=39))
    heights = np.concatenate([[0.0], np.cumsum(steps)])
    low = draw(st.floats(-1.0, 0.0))
    return (low + heights / heights[-1] * (1 - low)).tolist()


@settings(max_examples=150, deadline=None)
@given(tables(), sharpnesses, st.lists(st.floats(-0.3, 1.3), min_size=1, max_size=30))
def test_the_slope_is_the_finite_difference_within_a_millionth(
    values: list[float], sharpness: float, places: list[float]
) -> None:
    v = table(values)
    theta = v[0] + table(places) * (v[-1] - v[0])
    # Central, with a step that is small beside the narrowest rise: its own error is sharpness h^2 beta^2 / 48 of each
    # step that overlaps, below 1e-8 of the sharpness; that of rounding, 1e-16 / h, is as small.
    h = 3e-4 * float(v.diff().min()) / max(sharpness, 1.0)
    above, below = theta + h, theta - h
    rise = smooth_staircase(above, v, sharpness) - smooth_staircase(below, v, sharpness)
    difference = rise / (above - below)
    found = smooth_slope(theta, v, sharpness)
    # The slope of equal steps is 1 while they overlap and up to sharpness / 4 when they do not.
    torch.testing.assert_close(found, difference, rtol=0, atol=1e-6 * max(1.0, sharpness / 4))


@settings(max_examples=80, deadline=None)
@given(descriptions(), sharpnesses, st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=30))
def test_autograd_finds_the_slope_on_any_chip(description: Description, sharpness: float, places: list[float]) -> None:
    values = torch.from_numpy(representable(parse_hardware(description)).normalized)
    theta = table(places).requires_grad_()
    (found,) = torch.autograd.grad(smooth_staircase(theta, values, sharpness).sum(), theta)
    scale = max(1.0, sharpness / 4)
    torch.testing.assert_close(found, smooth_slope(theta.detach(), values, sharpness), rtol=1e-9, atol=1e-12 * scale)


@settings(max_examples=60, deadline=None)
@given(descriptions(), sharpnesses)
def test_what_training_reads_rises_within_its_bounds(description: Description, sharpness: float) -> None:
    values = torch.from_numpy(representable(parse_hardware(description)).normalized)
    for hardness in (0.0, 0.5, 1.0):
        staircase = Staircase(values)
        staircase.sharpen(sharpness, hardness)
        theta = torch.linspace(-3, 3, 3001, dtype=torch.float64, requires_grad=True)
        found = staircase(theta)
        (slope,) = torch.autograd.grad(found.sum(), theta)
        # A tail of a millionth of a step is left out where the table of a step ends.
        left_out = 1e-6 * float(values.diff().sum())
        assert float(found.detach().diff().min()) >= -left_out
        assert float(values[0]) - left_out <= float(found.detach().min())
        assert float(found.detach().max()) <= float(values[-1]) + left_out
        assert float(slope.min()) >= 0


@settings(max_examples=60, deadline=None)
@given(descriptions(), st.integers(0, 10**6))
def test_the_hard_limit_is_reached_exponentially_in_the_sharpness(description: Description, seed: int) -> None:
    values = torch.from_numpy(representable(parse_hardware(description)).normalized)
    generator = torch.Generator().manual_seed(seed)
    # A tenth to a half of the step beside every threshold: at least a tenth of a step from every other one as well.
    share = 0.1 + 0.4 * torch.rand(len(values) - 1, dtype=torch.float64, generator=generator)
    theta = torch.cat([thresholds(values) + sign * share * values.diff() for sign in (-1, 1)])
    hard = hard_staircase(theta, values)
    span = float(values[-1] - values[0])
    for sharpness in (10.0, 40.0, 160.0, 1000.0):
        gap = float((smooth_staircase(theta, values, sharpness) - hard).abs().max())
        assert gap <= span * math.exp(-0.1 * sharpness) * 1.001 + 1e-14 * len(values)


# A positive side of next to nothing, whose levels are closer together than a millionth of the span.
NEAR_NOTHING: Description = {
    "cell": {
        "spacing": {"type": "table", "conductances": [0.0, 1e-10, 2e-10, 3e-10]},
        "negative": {"spacing": {"type": "table", "conductances": [0.0, 4e-5, 8e-5, 1.2e-4]}},
    },
    "weights": {"encoding": "full_pair"},
}


@settings(max_examples=80, deadline=None)
@example(NEAR_NOTHING, [0.0])
@given(descriptions(), st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=40))
def test_every_hard_value_is_the_difference_of_two_levels(description: Description, places: list[float]) -> None:
    hardware = parse_hardware(description)
    weights, components = representable(hardware), component_tables(hardware.cell)
    pairs = (components.g_pos[:, None] - components.g_neg) / weights.g_reference
    if hardware.weights.encoding == "sign_select":
        # One side carries the magnitude, the other rests at its lowest level.
        allowed = np.concatenate([pairs[:, 0], pairs[0, :]])
    else:
        allowed = pairs.reshape(-1)
    staircase = Staircase(torch.from_numpy(weights.normalized)).eval()
    found = staircase(table([*places, -9.0, 9.0])).numpy()
    assert np.abs(found[:, None] - allowed).min(1).max() <= 1e-12
    # And the ends are reached, of a full pair but for what is merged.
    merged = 0.0 if hardware.weights.encoding == "sign_select" else PAIR_TOLERANCE * np.ptp(allowed)
    np.testing.assert_allclose([found[-2], found[-1]], [allowed.min(), allowed.max()], rtol=0, atol=1e-12 + merged)
