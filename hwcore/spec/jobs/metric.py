"""Metrics that a network can be judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Metric = Literal["accuracy", "roc_auc", "mean_squared_error"]


@dataclass(frozen=True)
class MetricFacts:
    """Facts of one metric.

    Attributes:
        title: in words.
        falls: whether less is better.
        share: whether it is a fraction, which is told in percent.
        note: its place in a report, whose fields are named after the accuracy; empty: it is that.
        held_out: word for what networks are compared by on held-out images, where more is better.
    """

    title: str
    falls: bool = False
    share: bool = True
    note: str = ""
    held_out: str = "score"


METRICS: Final[Mapping[Metric, MetricFacts]] = MappingProxyType(
    {
        "accuracy": MetricFacts("accuracy", held_out="accuracy"),
        "roc_auc": MetricFacts(
            "area under the ROC curve",
            note="every figure that is named after the accuracy is the area under the ROC curve: the share of the "
            "pairs of a normal and an anomalous test image of which the anomalous one has the larger error of "
            "reconstruction, a tie counting half; intervals of single networks are those of Hanley and McNeil 1982",
        ),
        "mean_squared_error": MetricFacts(
            "mean squared error",
            falls=True,
            share=False,
            note="every figure that is named after the accuracy is the mean squared error of the test images, in the "
            "unit of the targets squared, and less is better: what is lost is what it grows by, p05 has 5 % of the "
            "chips above it, a chip is good up to the target; a single network has no interval",
        ),
    }
)
"""Metrics by their words in a job."""
