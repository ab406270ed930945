"""Evaluation of the trained network."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from hwcore.spec.derive.effects import EFFECTS, Effect
from hwcore.spec.reading.base import Contradiction, Spec, refuse, unique_list, unsaid
from hwcore.units import SECOND

LATEST: float = 3.2e9
"""s: a century."""
MOST_TIMES = 32
Time = Annotated[float, Field(ge=0.0, le=LATEST, json_schema_extra={"unit": SECOND})]


class Evaluation(Spec):
    """Which chips are drawn, what is looked at, and which accuracy makes a good chip."""

    chips: int = Field(default=25, ge=1, le=10000, description="Chips drawn for each random effect.")
    target_accuracy: float | None = Field(
        default=None,
        gt=0.0,
        lt=1.0,
        description="Accuracy, as a fraction of the test images, from which a chip counts as good in the yield. null: "
        "one point (0.01) below that of the hardware-aware network, or, where training was aware of the wires and they "
        "are looked at, one point below that network with its wires.",
    )
    times: Annotated[tuple[Time, ...], Field(strict=False, min_length=1, max_length=MOST_TIMES)] | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Times after the write at which the chips are looked at, increasing; only where drift, or read "
        "noise that grows, is looked at or trained for. null: the first time that its models know, an hour, a day and "
        "a year.",
        json_schema_extra={"unit": SECOND},
    )
    effects: Annotated[tuple[Effect, ...], unique_list(len(EFFECTS))] | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Effects that are looked at, each alone and all of them together. null: all that the hardware has. "
        "Where programming noise is not among them, its rung is the chip as designed.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Evaluation":
        found = [
            Contradiction(
                ("times", i + 1),
                later,
                f"times increase, and before it is {earlier:g} s",
                f"a number above {earlier:g} s",
            )
            for i, (earlier, later) in enumerate(pairwise(self.times or ()))
            if not later > earlier
        ]
        refuse(self, found)
        return self
