"""Noise of the cells: one field per effect, each a tagged model by name or null."""

from typing import Annotated

from pydantic import Field

from hwcore.spec.hardware.drift import Drift
from hwcore.spec.hardware.programming import Programming
from hwcore.spec.hardware.read_noise import Read
from hwcore.spec.hardware.stuck_at import Rate, StuckAt
from hwcore.spec.reading.base import Spec, number_for, unsaid


class Noise(Spec):
    """What is random about the cells; what is left out does not happen."""

    programming: Programming | None = Field(
        default=None,
        description="Error of a write, drawn once per cell and chip. null: writes are exact. A model of a published "
        "device refuses a cell whose conductances lie outside of those that it was fitted on.",
    )
    stuck_at: Annotated[
        StuckAt | None,
        number_for(lambda p: {"stuck_on": p / 2, "stuck_off": p / 2}, Rate, StuckAt | None),
    ] = Field(
        default=None,
        exclude_if=unsaid,
        description="Cells that are stuck for the life of a chip; a number is the probability that a cell is, without "
        "unit, half of it at either end. null: every cell is sound.",
    )
    drift: Drift | None = Field(
        default=None,
        exclude_if=unsaid,
        description="What the cells do in the time after the write. null: they keep what they have.",
    )
    read: Read | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Error of a cell that is drawn anew at every product. null: reads are exact.",
    )
