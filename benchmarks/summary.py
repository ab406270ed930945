"""Mean and sample standard deviation over the seeds of every corner and method."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    """Points below the float network of the same total budget."""
    return float(row["loss_points"])


def loss_from_start(row: Row) -> float:
    """Points below the float network that the training for the hardware went on from."""
    return float(row["loss_from_start_points"])


def chips(stage: str) -> Callable[[Row], float]:
    """Mean accuracy over the drawn chips, in percent."""
    return lambda row: 100 * float(row["chips"][stage]["accuracy"])
