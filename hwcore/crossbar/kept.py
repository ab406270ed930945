"""What one chip is worked out from once, and used again under its next condition."""

from __future__ import annotations

from dataclasses import dataclass, field

from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar.chip import ColumnCalibration


@dataclass(eq=False)
class Kept:
    """Of one chip, for all conditions with the same effects.

    Attributes:
        seen: what the outputs see of its cells, by layer and time: with wires it is what a chip costs.
        calibrations: of its layers, by the layer that alone is of this chip; None: all of them are.
    """

    seen: dict[tuple[int, float], Float64[Tensor, "rows cols"]] = field(default_factory=dict)
    calibrations: dict[int | None, list[ColumnCalibration]] = field(default_factory=dict)
