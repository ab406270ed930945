"""Accuracy of drawn chips at one time after the write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwcore.report.statistics import Spread


@dataclass(frozen=True)
class AtTime:
    """Accuracy at one time, with or without compensation.

    Attributes:
        seconds: time after the write, s.
        stage: name of the stage: an effect, or all.
        compensation: rule that scales the outputs against drift; "none": they are not scaled.
        spread: over the chips.
        chips: number of chips looked at; 1 where all are alike.
    """

    seconds: float
    stage: str
    compensation: str
    spread: Spread
    chips: int

    def to_json(self) -> dict[str, Any]:
        """Entry of `over_time` in report.json."""
        return {
            "seconds": self.seconds,
            "stage": self.stage,
            "compensation": self.compensation,
            "accuracy": self.spread.accuracy,
            "std": self.spread.std,
            "p05": self.spread.p05,
            "chips": self.chips,
        }
