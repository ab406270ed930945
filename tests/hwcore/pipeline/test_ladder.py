"""Rungs of the ladder: counts, spreads and intervals against known values."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import beta

from hwcore.pipeline.ladder import chips_rung, interval, rung, target_accuracy


def test_intervals_by_their_closed_form() -> None:
    # With none of n the upper end solves (1 - p)^n = 0.025; with all of n the lower end mirrors it.
    for n in (1, 25, 10_000):
        edge = 1 - 0.025 ** (1 / n)
        assert interval(0, n) == [0.0, pytest.approx(edge, rel=1e-6)]
        assert interval(n, n) == [pytest.approx(1 - edge, rel=1e-6), 1.0]


def test_intervals_that_others_have_published() -> None:
    # Clopper-Pearson for 5 of 10 and 1 of 20, from any table of exact binomial limits.
    assert interval(5, 10) == pytest.approx([0.1871, 0.8129], abs=5e-5)
    assert interval(1, 20) == pytest.approx([0.0013, 0.2487], abs=5e-5)


@pytest.mark.parametrize(("successes", "count"), [(1, 2), (24, 25), (9840, 10_000), (357, 360)])
def test_intervals_as_quantiles_of_the_beta_distribution(successes: int, count: int) -> None:
    low = beta.ppf(0.025, successes, count - successes + 1)
    high = beta.ppf(0.975, successes + 1, count - successes)
    assert interval(successes, count) == pytest.approx([low, high], rel=1e-9)


def test_a_network_that_is_always_the_same() -> None:
    found = rung("float", 9, 10)
    assert (found["stage"], found["accuracy"], found["std"], found["count"], found["chips"]) == (
        "float",
        0.9,
        None,
        10,
        None,
    )
    assert found["ci95"] == interval(9, 10)


def test_drawn_chips_by_hand() -> None:
    # 80, 90, 100 and 90 of 100 images: mean 90, deviations 10, 0, 10, 0, sample variance 200 / 3.
    found = chips_rung("programming", [80, 90, 100, 90], 100, 4, 0.9)
    assert found["accuracy"] == 0.9
    assert found["std"] == pytest.approx(math.sqrt(200 / 3) / 100, rel=1e-12)
    # The 5th percentile lies 0.15 of the way from the first to the second of the ordered four.
    assert found["p05"] == pytest.approx(0.815, rel=1e-12)
    assert found["yield"] == 0.75
    assert found["yield_ci95"] == interval(3, 4)
    assert found["chip_accuracies"] == [0.8, 0.9, 1.0, 0.9]
    assert (found["chips"], found["count"], found["target_accuracy"]) == (4, 100, 0.9)


def test_one_chip_has_no_spread() -> None:
    found = chips_rung("programming", [80], 100, 1, 0.9)
    assert (found["accuracy"], found["std"], found["p05"], found["yield"]) == (0.8, None, 0.8, 0.0)


@pytest.mark.parametrize("correct", [1, 7, 349, 357])
def test_one_look_that_stands_for_all_chips_has_no_spread(correct: int) -> None:
    found = chips_rung("programming", [correct], 359, 25, 0.5)
    assert found["std"] is None
    assert found["accuracy"] == found["p05"] == correct / 359
    assert found["chip_accuracies"] == [correct / 359] * 25


def test_a_chip_exactly_one_point_below_is_good_and_the_next_one_is_not() -> None:
    count = 10_000
    for designed in itertools.chain(range(1000, count + 1, 137), (9830, 9831)):
        target = target_accuracy(None, designed / count)
        assert chips_rung("p", [designed - 100, designed - 101], count, 2, target)["yield"] == 0.5


def test_the_target_is_the_stated_one_or_one_point_below() -> None:
    assert target_accuracy(0.5, 0.98) == 0.5
    assert target_accuracy(None, 0.98) == pytest.approx(0.97, rel=1e-12)
    assert target_accuracy(None, 0.005) == 0.0


def test_reports_hold_plain_numbers() -> None:
    found = chips_rung("programming", [80, 90], 100, 2, 0.9)
    flat = [*found.values(), *found["chip_accuracies"], *found["yield_ci95"]]
    assert not any(isinstance(value, np.generic | np.ndarray) for value in flat)
