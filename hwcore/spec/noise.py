"""Noise of the cells: one field per effect, each a tagged model by name or null."""

from pydantic import Field

from hwcore.spec.base import Spec
from hwcore.spec.programming import Programming


class Noise(Spec):
    """What is random about the cells; what is left out does not happen."""

    programming: Programming | None = Field(
        default=None,
        description="Error of a write, drawn once per cell and chip. null: writes are exact. A model of a published "
        "device refuses a cell whose conductances lie outside of those that it was fitted on.",
    )
