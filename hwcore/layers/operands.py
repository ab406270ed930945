"""The operands of the products of one array."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Operands:
    """Drives and weights of one array, whose products may be taken of all word lines or of some.

    Attributes:
        x: drives of all word lines but the bias row.
        weights: of those word lines, in units of the largest weight.
        bias_row: weights of the last word line, same unit; None: there is none.
        drive_max: d, full scale of x: the drive of a bias row, and what the range of an ADC goes by.
    """

    x: Float[Tensor, "batch ..."]
    weights: Float[Tensor, "outputs ..."]
    bias_row: Float[Tensor, " outputs"] | None
    drive_max: float | Float[Tensor, ""]
