"""Intervals against closed forms, tables and scipy; spreads by hand."""

import pytest
from scipy.stats import beta, t

from hwcore.report.statistics import Spread, mean_half_width, proportion_interval


def test_intervals_by_their_closed_form() -> None:
    # With none of n the upper end solves (1 - p)^n = 0.025; with all of n the lower end mirrors it.
    for n in (1, 25, 10_000):
        edge = 1 - 0.025 ** (1 / n)
        assert proportion_interval(0, n) == (0.0, pytest.approx(edge, rel=1e-6))
        assert proportion_interval(n, n) == (pytest.approx(1 - edge, rel=1e-6), 1.0)


def test_intervals_that_others_have_published() -> None:
    # Clopper-Pearson for 5 of 10 and 1 of 20, from any table of exact binomial limits.
    assert proportion_interval(5, 10) == pytest.approx((0.1871, 0.8129), abs=5e-5)
    assert proportion_interval(1, 20) == pytest.approx((0.0013, 0.2487), abs=5e-5)


@pytest.mark.parametrize(("successes", "count"), [(1, 2), (24, 25), (9840, 10_000), (357, 360)])
def test_intervals_as_quantiles_of_the_beta_distribution(successes: int, count: int) -> None:
    low = beta.ppf(0.025, successes, count - successes + 1)
    high = beta.ppf(0.975, successes + 1, count - successes)
    assert proportion_interval(successes, count) == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize(("samples", "quantile"), [(2, 12.706205), (3, 4.302653), (25, 2.063899)])
def test_the_interval_of_a_mean_is_that_of_students_tables(samples: int, quantile: float) -> None:
    assert mean_half_width(0.01, samples) == pytest.approx(0.01 * quantile, rel=1e-6)
    assert mean_half_width(1.0, samples) == pytest.approx(t.ppf(0.975, samples - 1), rel=1e-9)


def test_the_spread_of_two_and_of_one() -> None:
    two = Spread.of([80, 90], 100)
    assert (two.accuracy, two.p05) == (pytest.approx(0.85, rel=1e-12), pytest.approx(0.805, rel=1e-12))
    assert two.std == pytest.approx(0.05 * 2**0.5, rel=1e-12)
    assert Spread.of([80], 100) == Spread(0.8, None, 0.8)
