"""Intermediate results of one chip, used again under its next condition."""

from __future__ import annotations

from dataclasses import dataclass, field

from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar.chip import Chip, ColumnCalibration


@dataclass(frozen=True, eq=False)
class OneLayer:
    """The one layer that is of the chip that is asked for; all others are of another chip.

    Attributes:
        name: of that layer.
        others: the chip that all other layers are of; the same one as long as a `ChipCache` is used.
    """

    name: str
    others: Chip


@dataclass(eq=False)
class ChipCache:
    """Intermediate results of one chip, for all conditions with the same effects.

    Attributes:
        seen: for every array what the outputs see of its cells, by name of the layer and, where cells drift, time: with
            wires it is what a chip costs.
        calibrations: of its layers, by the name of the one that is alone, or None, and whether drift was already
            compensated when it was calibrated.
    """

    seen: dict[tuple[str, float], tuple[Float64[Tensor, "rows cols"], ...]] = field(default_factory=dict)
    calibrations: dict[tuple[str | None, bool], dict[str, ColumnCalibration]] = field(default_factory=dict)
