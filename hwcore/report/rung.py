"""Rungs of the ladder: one accuracy each, of one network or of many drawn chips, with its error bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hwcore.report.measure import Measure
from hwcore.report.statistics import Interval, Spread, proportion_interval
from hwcore.spec import Stage


@dataclass(frozen=True)
class NetworkRung:
    """Accuracy of one network, which gives the same answers at every look.

    Attributes:
        stage: of the ladder.
        accuracy: share of the test images that are classified right.
        count: test images.
        ci95: Clopper-Pearson interval of the accuracy, given the number of test images; of another metric see
            `Measure.interval`.
        note: a fact that the numbers do not show; None: there is none.
    """

    stage: Stage
    accuracy: float
    count: int
    ci95: Interval | None
    note: str | None = None

    @staticmethod
    def of(stage: Stage, correct: int, by: Measure | int, note: str | None = None) -> NetworkRung:
        """Rung of a network with a tally by some measure: `correct` of so many test images, where it is a number."""
        measure = Measure.of(by)
        return NetworkRung(stage, measure.value(correct), measure.count, measure.interval(correct), note)

    def to_json(self) -> dict[str, Any]:
        """Entry of `ladder` in report.json."""
        return {
            "stage": self.stage.text,
            "accuracy": self.accuracy,
            "std": None,
            "count": self.count,
            "chips": None,
            "ci95": None if self.ci95 is None else list(self.ci95),
            **_note(self.note),
        }


@dataclass(frozen=True)
class ChipsRung:
    """Accuracy of a network on many drawn chips.

    Attributes:
        stage: of the ladder.
        accuracy: mean over the chips.
        std: sample standard deviation over the chips; None where all chips are alike, or there is one.
        count: test images.
        chips: number of chips.
        p05: 5th percentile of the accuracies.
        target_accuracy: accuracy from which a chip is good.
        yield_: share of good chips.
        yield_ci95: Clopper-Pearson interval of the yield; None where no chip was drawn.
        chip_accuracies: accuracy of every chip.
        note: a fact that the numbers do not show; None: there is none.
    """

    stage: Stage
    accuracy: float
    std: float | None
    count: int
    chips: int
    p05: float
    target_accuracy: float
    yield_: float
    yield_ci95: Interval | None
    chip_accuracies: tuple[float, ...]
    note: str | None = None

    @staticmethod
    def of(
        stage: Stage,
        correct: Sequence[int],
        by: Measure | int,
        chips: int,
        target: float,
        *,
        drawn: bool = True,
        note: str | None = None,
    ) -> ChipsRung:
        """Rung of chips that were looked at one by one, or once for all.

        Args:
            stage: of the ladder.
            correct: test images classified right by each chip, or its tally; one entry where all chips are alike.
            by: measure of the tallies; a number is that of the test images.
            chips: number of chips that the entries stand for.
            target: accuracy from which a chip is good.
            drawn: whether chips were drawn; if not, the yield has no interval.
            note: for the reader.
        """
        measure = Measure.of(by)
        spread = Spread.of(correct, measure.divisor, falls=measure.falls)
        of_each = tuple(correct) * (chips if len(correct) == 1 else 1)
        # A chip right on the target is a good one, whatever the rounding.
        good = sum(measure.good(images, target) for images in of_each)
        return ChipsRung(
            stage,
            spread.accuracy,
            spread.std,
            measure.count,
            chips,
            spread.p05,
            target,
            good / chips,
            proportion_interval(good, chips) if drawn else None,
            tuple(map(measure.value, of_each)),
            note,
        )

    def to_json(self) -> dict[str, Any]:
        """Entry of `ladder` in report.json."""
        return {
            "stage": self.stage.text,
            "accuracy": self.accuracy,
            "std": self.std,
            "count": self.count,
            "chips": self.chips,
            "p05": self.p05,
            "target_accuracy": self.target_accuracy,
            "yield": self.yield_,
            "yield_ci95": None if self.yield_ci95 is None else list(self.yield_ci95),
            "chip_accuracies": list(self.chip_accuracies),
            **_note(self.note),
        }


Rung = NetworkRung | ChipsRung
"""Line of the ladder."""


def _note(note: str | None) -> dict[str, str]:
    return {} if note is None else {"note": note}
