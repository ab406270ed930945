"""Cells that are stuck at one end, whatever is written to them."""

from typing import Annotated

from pydantic import Field, model_validator

from hwcore.spec.reading.base import Contradiction, Spec, refuse

Rate = Annotated[float, Field(ge=0.0, le=1.0)]


class StuckAt(Spec):
    """Each cell is stuck at its largest conductance with one probability, at its smallest with the other."""

    stuck_on: Rate = Field(
        default=0.0,
        description="Probability that a cell is stuck at the largest conductance of its component, without unit.",
    )
    stuck_off: Rate = Field(
        default=0.0,
        description="Probability that a cell is stuck at the smallest conductance of its component, without unit; the "
        "two add up to at most 1.",
    )

    @model_validator(mode="after")
    def _rates_of_one_cell(self) -> "StuckAt":
        if self.stuck_on + self.stuck_off > 1.0:
            reason = f"a cell is stuck at one end at most, and stuck_on is {self.stuck_on:g}: the rates sum above 1"
            allowed = f"a number from 0 to {1.0 - self.stuck_on:.9g}"
            refuse(self, [Contradiction(("stuck_off",), self.stuck_off, reason, allowed)])
        return self
