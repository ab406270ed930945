"""Accuracy that every effect costs, and the scatter of that number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hwcore.report.rung import ChipsRung, Rung
from hwcore.report.statistics import Interval, mean_half_width
from hwcore.spec import Stage

NOTE: Final = (
    "accuracy of the rung hardware_aware (of a network that was trained through the wires: of the rung "
    "wires) less that of each rung of an effect, the dearest first; standard_error and ci95 are its scatter "
    "over the drawn chips, and below_scatter says that ci95 holds 0: so many chips do not show that effect"
)


@dataclass(frozen=True)
class Scatter:
    """Scatter of a cost over the drawn chips.

    Attributes:
        standard_error: sample standard deviation over the square root of the number of chips.
        ci95: interval of the cost by Student's distribution.
    """

    standard_error: float
    ci95: Interval


@dataclass(frozen=True)
class Cost:
    """Accuracy lost to one effect, or to all of them.

    The reference is one network on the same test images, so the difference scatters with the chips alone: with the
    sample standard deviation s over n of them its standard error is s / sqrt(n), and its interval at 95 % is the
    difference plus and minus t(0.975; n - 1) of those, t the quantile of Student's distribution.

    Attributes:
        stage: of the ladder.
        accuracy_lost: reference less the accuracy of the rung.
        scatter: None where all chips are alike or only one was drawn.
    """

    stage: Stage
    accuracy_lost: float
    scatter: Scatter | None

    @staticmethod
    def of(rung: Rung, reference: float, *, falls: bool = False) -> Cost:
        """Cost of a rung against a reference, a fraction; where less is better (`falls`) what it grew by."""
        lost = rung.accuracy - reference if falls else reference - rung.accuracy
        if not isinstance(rung, ChipsRung) or rung.std is None:
            return Cost(rung.stage, lost, None)
        error = rung.std / rung.chips**0.5
        half = mean_half_width(error, rung.chips)
        return Cost(rung.stage, lost, Scatter(error, (lost - half, lost + half)))

    def to_json(self) -> dict[str, Any]:
        """Entry of `costs.effects` in report.json; `below_scatter`: the interval holds 0, the effect is not shown."""
        found = {"stage": self.stage.text, "accuracy_lost": self.accuracy_lost}
        if self.scatter is None:
            return {**found, "standard_error": None, "ci95": None, "below_scatter": None}
        low, high = self.scatter.ci95
        return {
            **found,
            "standard_error": self.scatter.standard_error,
            "ci95": [low, high],
            "below_scatter": low <= 0.0 <= high,
        }


@dataclass(frozen=True)
class Costs:
    """Costs of all effects.

    Attributes:
        reference: rung that the losses are taken from.
        effects: the dearest first.
    """

    reference: str
    effects: tuple[Cost, ...]

    @staticmethod
    def of(rungs: Sequence[Rung], reference: str, accuracy: float, *, falls: bool = False) -> Costs:
        """Costs of the rungs of effects, against the reference and its accuracy."""
        costs = (Cost.of(rung, accuracy, falls=falls) for rung in rungs)
        return Costs(reference, tuple(sorted(costs, key=lambda cost: -cost.accuracy_lost)))

    def to_json(self) -> dict[str, Any]:
        """Entry `costs` of report.json."""
        return {
            "note": NOTE,
            "reference": self.reference,
            "effects": [cost.to_json() for cost in self.effects],
        }
