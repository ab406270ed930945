"""Multipliers of a fixed width, each with a shift: how whole numbers are scaled by a real factor."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from hwcore.digital.accumulator import largest_number
from hwcore.digital.rounding import MOST_SHIFT, shifted
from hwcore.spec import Rounding

MOST_LEFT = 16
"""Bits to the left at most: a product with a code stays within 64 bits."""


@dataclass(frozen=True, eq=False)
class Multipliers:
    """Factors m 2^-s in registers.

    Attributes:
        mantissa: m, signed.
        shift: s, from -16 to 62; a negative one shifts to the left.
    """

    mantissa: Int64[Tensor, "*shape"]
    shift: Int64[Tensor, "*shape"]

    @staticmethod
    def of(factor: Float64[Tensor, "*shape"], bits: int) -> Multipliers:
        """The nearest m 2^-s with |m| < 2^(b-1), and as many digits in m as that allows; of a tie the even m.

        A factor of 0, or one far below the LSB of what it gives, has m = 0; one beyond (2^(b-1) - 1) 2^16 that
        largest factor.

        Args:
            factor: finite, of any sign.
            bits: b, from 2.
        """
        largest = largest_number(bits)
        # |factor| = fraction 2^exponent with 1/2 <= fraction < 1: m = fraction 2^(b-1), unless that rounds up too far.
        fraction, exponent = torch.frexp(factor)
        shift = bits - 1 - exponent.long()
        shift = shift - ((fraction.abs() * 2.0 ** (bits - 1)).round() > largest).long()
        shift = shift.clamp(-MOST_LEFT, MOST_SHIFT)
        mantissa = torch.ldexp(factor, shift.double()).round().clamp(-largest, largest).long()
        return Multipliers(mantissa, torch.where(mantissa == 0, 0, shift))

    @property
    def factor(self) -> Float64[Tensor, "*shape"]:
        """m 2^-s."""
        return torch.ldexp(self.mantissa.double(), -self.shift.double())

    def scaled(self, n: Int64[Tensor, "*batch cols"], rounding: Rounding) -> Int64[Tensor, "*batch cols"]:
        """n m / 2^s, rounded.

        Args:
            n: at most 2^24 in magnitude: a code, or the sum of those of all conversions of an input.
            rounding: of the shift.
        """
        return shifted(n * self.mantissa, self.shift, rounding)
