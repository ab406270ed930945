"""Means over the seeds of every corner and method: with sample standard deviation, or with a 95 % interval."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scipy.special import stdtrit

Row = dict[str, Any]


@dataclass(frozen=True)
class Spread:
    """A number over some seeds.

    Attributes:
        mean: over the seeds.
        std: sample standard deviation; None of a single seed.
        count: of seeds.
    """

    mean: float
    std: float | None
    count: int

    @staticmethod
    def of(values: list[float]) -> Spread:
        """Summarise at least one value."""
        return Spread(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None, len(values))

    def __str__(self) -> str:
        # A negative zero is a rounding of ours, not a measurement.
        mean = f"{round(self.mean, 2) + 0.0:.2f}"
        return mean if self.std is None else f"{mean} ± {self.std:.2f}"


@dataclass(frozen=True)
class Interval:
    """Mean over some seeds with its 95 % interval: m +- t_0.975(n - 1) s / sqrt(n), s the sample standard deviation.

    It is of the seeds, which draw initial weights, order, noise and held-out images: the test images are the same for
    all of them, and what another test set would say is not in it. Source: Student 1908, doi:10.1093/biomet/6.1.1.

    Attributes:
        mean: over the seeds.
        half_width: of the interval; None of a single seed.
        count: of seeds.
    """

    mean: float
    half_width: float | None
    count: int

    @staticmethod
    def of(values: list[float]) -> Interval:
        """Summarise at least one value."""
        count = len(values)
        if count == 1:
            return Interval(values[0], None, 1)
        error = statistics.stdev(values) / math.sqrt(count)
        return Interval(statistics.fmean(values), float(stdtrit(count - 1, 0.975)) * error, count)

    @property
    def low(self) -> float | None:
        """Lower end."""
        return None if self.half_width is None else self.mean - self.half_width

    def __str__(self) -> str:
        # A negative zero is a rounding of ours, not a measurement.
        mean = f"{round(self.mean, 2) + 0.0:.2f}"
        if self.half_width is None:
            return mean
        low, high = (round(end, 2) + 0.0 for end in (self.mean - self.half_width, self.mean + self.half_width))
        return f"{mean} [{low:.2f}, {high:.2f}]"


def of_experiment(rows: list[Row], experiment: str) -> list[Row]:
    """The rows of one experiment, in their order."""
    return [row for row in rows if row["experiment"] == experiment]


def groups(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """The rows of one experiment by corner and method."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["corner"], row["method"]), []).append(row)
    return found


def spread(rows: list[Row], number: Callable[[Row], float]) -> Spread:
    """Summarise one number of each row."""
    return Spread.of([number(row) for row in rows])


def percent(stage: str) -> Callable[[Row], float]:
    """Test accuracy of a stage, in percent."""
    return lambda row: 100 * float(row["accuracy"][stage])


def loss(row: Row) -> float:
    """Points below the floating-point reference of the same seed."""
    return 100 * (float(row["accuracy"]["reference"]) - float(row["accuracy"]["hardware_aware"]))


def referred(rows: list[Row]) -> list[Row]:
    """Rows whose reference has been trained."""
    return [row for row in rows if "reference" in row["accuracy"]]


def interval(rows: list[Row], number: Callable[[Row], float]) -> Interval:
    """Summarise one number of each row."""
    return Interval.of([number(row) for row in rows])


def loss_to_float(row: Row) -> float:
    """Points below the float network of the same total budget, which was trained without all the rest of the recipe."""
    return float(row["loss_points"])


def loss_from_start(row: Row) -> float:
    """Points below the float network that the training for the hardware went on from."""
    return float(row["loss_from_start_points"])


def chips(stage: str) -> Callable[[Row], float]:
    """Mean accuracy over the drawn chips, in percent."""
    return lambda row: 100 * float(row["chips"][stage]["accuracy"])
