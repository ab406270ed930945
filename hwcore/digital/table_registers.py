"""Registers of a function that is looked up: each number that comes in has one that goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jaxtyping import Float64, Int64
from torch import Tensor

from hwcore.digital.accumulator import held
from hwcore.spec import Digital

LARGEST: Final = 2.0**62
"""Whole numbers beyond this are cut off here: it is far beyond every accumulator, and a larger one has no int64."""


@dataclass(frozen=True, eq=False)
class TableRegisters:
    """n = round(y / 2^e) for the value y of a function, of a tie the even number: the entry of a table.

    Attributes:
        exponent: e; 2^e is the LSB of what goes out, without unit.
        widths: of an accumulator, which holds it.
    """

    exponent: int
    widths: Digital

    def entries(self, y: Float64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
        """The whole numbers of these values, without unit."""
        n: Tensor = (y * 2.0**-self.exponent).round().clamp(-LARGEST, LARGEST).long()
        return held(n, self.widths)
