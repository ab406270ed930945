"""Measure of test results: what a whole number that was counted on the test images is worth in its metric."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from scipy.special import ndtri

from hwcore.report.statistics import CONFIDENCE, Interval, proportion_interval
from hwcore.spec import METRICS, Metric

TOLERANCE: Final = 1e-6
"""Share of one count: above the rounding of a target times the divisor, below the one count that matters."""


@dataclass(frozen=True)
class Measure:
    """Value of a tally: tally / divisor.

    Attributes:
        count: test images.
        metric: accuracy: the tally is the number of images that are right. roc_auc: twice the number of pairs in the
            right order, ties once. mean_squared_error: steps of the error.
        divisor: tally of the value 1: images, twice the pairs, steps of the unit of the targets squared.
        anomalous: test images that are, for `roc_auc`.
    """

    count: int
    metric: Metric = "accuracy"
    divisor: float = 1.0
    anomalous: int = 0

    @staticmethod
    def of(by: Measure | int) -> Measure:
        """A measure, where a number of test images stands for their accuracy."""
        return Measure(by, divisor=float(by)) if isinstance(by, int) else by

    @property
    def falls(self) -> bool:
        """True where less is better."""
        return METRICS[self.metric].falls

    def value(self, tally: int | float) -> float:
        """The value of a tally, or of a mean of tallies."""
        return tally / self.divisor

    def lost(self, reference: int | float, value: int | float) -> float:
        """Loss from a reference to a value: positive where the value is worse."""
        return value - reference if self.falls else reference - value

    def good(self, tally: int, target: int | float) -> bool:
        """Tell whether a tally is as good as a target, whatever the rounding."""
        edge = target * self.divisor
        return tally <= edge + TOLERANCE if self.falls else tally >= edge - TOLERANCE

    def possible(self, tally: int) -> bool:
        """Tell whether a tally can be one of these images."""
        return tally >= 0 and (self.falls or tally <= self.divisor)

    def interval(self, tally: int) -> Interval | None:
        """The 95 % interval of a value, given the number of test images.

        accuracy: Clopper and Pearson's. roc_auc: A plus and minus 1.96 standard errors, within 0 and 1, with
        SE^2 = (A (1 - A) + (p - 1) (Q1 - A^2) + (n - 1) (Q2 - A^2)) / (p n), Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A),
        of p anomalous and n normal images. mean_squared_error: None, as it needs more than its value.

        Source: J. A. Hanley, B. J. McNeil 1982, doi:10.1148/radiology.143.1.7063747.
        """
        if self.metric == "accuracy":
            return proportion_interval(tally, self.count)
        if self.metric == "mean_squared_error":
            return None
        area, p, n = self.value(tally), self.anomalous, self.count - self.anomalous
        first, second = area / (2 - area), 2 * area**2 / (1 + area)
        variance = area * (1 - area) + (p - 1) * (first - area**2) + (n - 1) * (second - area**2)
        half = float(ndtri((1 + CONFIDENCE) / 2)) * math.sqrt(max(variance, 0.0) / (p * n))
        return max(area - half, 0.0), min(area + half, 1.0)
