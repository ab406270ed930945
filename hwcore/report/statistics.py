"""Statistics of counts: the interval of a proportion, the interval of a mean, and the spread over chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaincinv, stdtrit

CONFIDENCE: Final = 0.95
"""Probability that an interval holds the true value."""
Interval = tuple[float, float]
"""Lower and upper end."""


def proportion_interval(successes: int, count: int) -> Interval:
    """Clopper-Pearson interval of a proportion at 95 %: the true values that agree with the `count` trials seen.

    With k successes of n and B^-1(p; a, b) the quantile of the beta distribution, the interval is
    B^-1(0.025; k, n - k + 1) to B^-1(0.975; k + 1, n - k); 0 where k = 0, and 1 where k = n.

    Source: C. J. Clopper, E. S. Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    tail, failures = (1.0 - CONFIDENCE) / 2.0, count - successes
    low = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, tail))
    high = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1.0 - tail))
    return low, high


def mean_half_width(standard_error: float, samples: int) -> float:
    """Half the 95 % interval of a mean: t(0.975; n - 1) standard errors, t the quantile of Student's distribution.

    Args:
        standard_error: sample standard deviation over sqrt(n).
        samples: n, at least 2.
    """
    return float(stdtrit(samples - 1, (1.0 + CONFIDENCE) / 2.0)) * standard_error


@dataclass(frozen=True)
class Spread:
    """Accuracies of several chips on the same test images.

    Attributes:
        accuracy: mean over the chips.
        std: sample standard deviation over the chips; None for one chip.
        p05: 5th percentile.
    """

    accuracy: float
    std: float | None
    p05: float

    @staticmethod
    def of(tallies: Sequence[int], divisor: int | float, *, falls: bool = False) -> Spread:
        """Spread of tallies over their divisor, of chips that classify so many test images right; they add up exactly.

        Args:
            tallies: of the chips.
            divisor: tally of the value 1: the number of test images.
            falls: less is better, and the 5th percentile is that from above.
        """
        images = np.array(tallies, dtype=np.float64)
        std = float(images.std(ddof=1)) / divisor if len(images) > 1 else None
        worst = float(np.percentile(images, 95 if falls else 5))
        return Spread(float(images.mean()) / divisor, std, worst / divisor)
