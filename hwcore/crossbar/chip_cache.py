"""What is worked out once of one chip, and used again under its next condition."""

from __future__ import annotations

from dataclasses import dataclass, field

from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar.chip import Chip, ColumnCalibration


@dataclass(frozen=True, eq=False)
class Alone:
    """A chip of which one layer alone is what it is asked for.

    Attributes:
        position: of that layer.
        others: the chip that all other layers are of; the same one as long as a `ChipCache` is used.
    """

    position: int
    others: Chip


@dataclass(eq=False)
class ChipCache:
    """Of one chip, for all conditions with the same effects.

    Attributes:
        seen: what the outputs see of its cells, by layer and, where they drift, time: with wires it is what a chip
            costs.
        calibrations: of its layers, by the position of the one that is alone, or None, and whether drift was already
            compensated when it was calibrated.
    """

    seen: dict[tuple[int, float], Float64[Tensor, "rows cols"]] = field(default_factory=dict)
    calibrations: dict[tuple[int | None, bool], list[ColumnCalibration]] = field(default_factory=dict)
