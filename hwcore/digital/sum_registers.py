"""Registers of sums: behind the arrays of a layer, and wherever numbers of several formats come together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from jaxtyping import Float64, Int64
from torch import Tensor

from hwcore.digital.accumulator import accumulated, held, largest_number
from hwcore.digital.multiplier import Multipliers
from hwcore.spec import Digital

MARGIN: Final = 2.0
"""Range of an accumulator over the largest sum of the calibration images, at least."""
SMALLEST_EXPONENT: Final = -1000
"""Exponent of the LSB of an accumulator that never holds anything."""


def lsb_exponent(largest: float, bits: int) -> int:
    """The smallest e with largest <= (2^(b-1) - 1) 2^e: the LSB 2^e of an accumulator of b bits.

    Args:
        largest: number that has to fit, from 0.
        bits: b.
    """
    if largest == 0:
        return SMALLEST_EXPONENT
    _, exponent = math.frexp(largest / largest_number(bits))
    # frexp gives a power of two one more than it takes.
    fits = largest <= math.ldexp(largest_number(bits), exponent - 1)
    return max(exponent - 1 if fits else exponent, SMALLEST_EXPONENT)


@dataclass(frozen=True, eq=False)
class SumRegisters:
    """Registers of sums of scaled whole numbers: n_j = o_j 2^t + sum_b (c_bj m_bj / 2^s_bj).

    Attributes:
        multipliers: m and s of every column of every term: of an array a row for each row block of tiles.
        offset: o of every column, signed.
        offset_shift: t, from 0.
        exponent: e; 2^e is the LSB of the accumulators, without unit.
        widths: bits, rounding, and what an accumulator does at its ends.
    """

    multipliers: Multipliers
    offset: Int64[Tensor, " cols"]
    offset_shift: int
    exponent: int
    widths: Digital

    @staticmethod
    def of(
        factor: Float64[Tensor, "terms cols"], bias: Float64[Tensor, " cols"], largest: float, widths: Digital
    ) -> SumRegisters:
        """The registers that come closest to real factors and biases, as many bits as they have.

        Args:
            factor: value of number 1 of every column of every term, without unit.
            bias: of every column, without unit.
            largest: |sum| of the calibration images, partial sums included.
            widths: of the registers.
        """
        exponent = lsb_exponent(MARGIN * largest, widths.accumulator_bits)
        unit = 2.0**-exponent
        wanted, most = bias * unit, largest_number(widths.offset_bits)
        shift = max(0, lsb_exponent(float(wanted.abs().max()), widths.offset_bits))
        return SumRegisters(
            Multipliers.of(factor * unit, widths.scale_bits),
            (wanted * 2.0**-shift).round().clamp(-most, most).long(),
            shift,
            exponent,
            widths,
        )

    def sums(self, codes: Int64[Tensor, "terms products cols"]) -> Int64[Tensor, "products cols"]:
        """The accumulators: offset, then the scaled terms, one after the other.

        Args:
            codes: of the converters, row block after row block; where an input takes several conversions their sum,
                shifted and subtracted.
        """
        terms = (self._scaled(number, code) for number, code in enumerate(codes))
        return accumulated(self.offset << self.offset_shift, terms, self.widths)

    def of_channels(self, n: Int64[Tensor, "batch channels ..."]) -> Int64[Tensor, "batch channels ..."]:
        """The sums of one term whose columns are the channels of maps."""
        by_channel = n.movedim(1, -1)
        return self.sums(by_channel.reshape(1, -1, n.shape[1])).reshape(by_channel.shape).movedim(-1, 1)

    def term(self, number: int, n: Int64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
        """One term alone, brought to the LSB of the accumulators and narrowed to them; all columns are alike.

        Args:
            number: of the term.
            n: in its unit.
        """
        return held(self._scaled(number, n), self.widths)

    def _scaled(self, number: int, n: Tensor) -> Tensor:
        row = Multipliers(self.multipliers.mantissa[number], self.multipliers.shift[number])
        return row.scaled(n, self.widths.rounding)
