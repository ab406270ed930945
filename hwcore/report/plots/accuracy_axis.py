"""Axis of accuracies, in percent: linear where they are close to one another, logit where they are not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final, Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

STRAIGHT: Final = 0.12
"""Largest spread of accuracies on a straight axis: twelve points."""
GOOD: Final = 0.9
"""Largest accuracy up to which any spread has a straight axis: below it nobody looks for tenths of a point."""
ROOM: Final = 0.085
"""Share of the axis that one tick needs."""
ODDS_TICKS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
ENDS: Final = (0.005, 0.9995)
"""Values in the place of 0 and 1 on a logit axis, which has neither."""
Place = Callable[[float], float]
"""Position of an accuracy on the axis."""


def accuracy_axis(
    axes: Axes, which: Literal["x", "y"], accuracies: Iterable[float], name: str, *, share: bool = True
) -> Place:
    """Set scale, limits and ticks so that all accuracies (fractions) are on it, and name it.

    On a logit axis, ln(a / (1 - a)), 90, 99 and 99.9 % are as far apart as 10, 1 and 0.1 %: a tenth of a point can be
    seen at the top of an axis that also shows a network which hardly works.
    What is no share of anything, as a mean squared error is not, has a straight axis without percents.

    Returns:
        Position of an accuracy: the accuracy itself, except for 0 and 1 on a logit axis.
    """
    shown = [min(max(accuracy, 0.0), 1.0) if share else accuracy for accuracy in accuracies]
    lowest, highest = min(shown), max(shown)
    axis = axes.xaxis if which == "x" else axes.yaxis
    limits = axes.set_xlim if which == "x" else axes.set_ylim
    straight = not share or highest - lowest <= STRAIGHT or highest < GOOD
    if straight:
        margin = max(0.06 * (highest - lowest), 0.001 if share else 0.01 * abs(highest) or 1e-9)
        limits(lowest - margin, highest + margin)
        axis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
    else:
        (axes.set_xscale if which == "x" else axes.set_yscale)("logit")
        low, high = _within_odds(lowest), _within_odds(highest)
        limits(low / (low + 1.25 * (1 - low)), 1.25 * high / (1.25 * high + 1 - high))
        axis.set_major_locator(FixedLocator(_ticks(low, high)))
        axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value if share else value:.4g}"))
    axis.set_label_text(name if straight else f"{name}, logit scale")
    return float if straight else _within_odds


def _ticks(low: float, high: float) -> list[float]:
    """Ticks from the top down, where they matter more, as many as there is room for."""
    apart = ROOM * (_logit(high) - _logit(low))
    ticks: list[float] = []
    for tick in reversed(ODDS_TICKS):
        inside = low / 1.2 <= tick <= 1 - (1 - high) / 1.2
        if inside and (not ticks or _logit(ticks[-1]) - _logit(tick) >= apart):
            ticks.append(tick)
    return ticks[::-1]


def _logit(accuracy: float) -> float:
    return math.log(accuracy / (1 - accuracy))


def _within_odds(accuracy: float) -> float:
    return min(max(accuracy, ENDS[0]), ENDS[1])
