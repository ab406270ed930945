"""Accuracy from which a chip is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwcore.spec import METRICS, ONE_POINT, TENTH_ABOVE, Examination, target_source


@dataclass(frozen=True)
class Target:
    """Accuracy from which a chip is good, and its origin.

    Attributes:
        accuracy: a fraction.
        source: {"type": "given"}, or {"type": "derived", "rung": ..., "less": 0.01}.
    """

    accuracy: float
    source: Mapping[str, Any]

    @staticmethod
    def of(examination: Examination, reference: float) -> Target:
        """Target of an examination: what it states, or a point below the reference; an error a tenth above.

        Args:
            examination: of the chips.
            reference: accuracy of the network as it was trained, a fraction.
        """
        stated = examination.target_accuracy
        falls = METRICS[examination.metric].falls
        derived = reference * TENTH_ABOVE if falls else max(reference - ONE_POINT, 0.0)
        return Target(derived if stated is None else stated, target_source(examination))

    def to_json(self) -> dict[str, Any]:
        """Two entries of report.json."""
        return {"target_accuracy": self.accuracy, "target_accuracy_source": dict(self.source)}
