"""Registers behind the arrays of a layer, and what they make of its codes: sums, and codes for the next layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from jaxtyping import Float, Float64, Int64
from torch import Tensor

from hwcore.digital.accumulator import accumulated, largest_number
from hwcore.digital.integer_operations import IntegerOperations
from hwcore.digital.integer_thresholds import code_of, integer_thresholds
from hwcore.digital.multiplier import Multipliers
from hwcore.digital.unfold import as_maps
from hwcore.mapping import MappedActivation
from hwcore.spec import Digital, Stateless, Window

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
class LayerRegisters:
    """Registers of the columns of one layer: n_j = o_j 2^t + sum_b (c_bj m_bj / 2^s_bj), then pooling, then a code.

    Attributes:
        multipliers: m and s of every column of every tile; a row for each row block of each array.
        offset: o of every column, signed.
        offset_shift: t, from 0.
        exponent: e; 2^e is the LSB of the accumulators, without unit.
        thresholds: of the activation, in that LSB; None: there is none.
        levels: drives of the codes of the activation, without unit; None: there is none.
        widths: bits, rounding, and what an accumulator does at its ends.
    """

    multipliers: Multipliers
    offset: Int64[Tensor, " cols"]
    offset_shift: int
    exponent: int
    thresholds: Int64[Tensor, " steps"] | None
    levels: Float64[Tensor, " levels"] | None
    widths: Digital

    @staticmethod
    def of(
        factor: Float64[Tensor, "terms cols"],
        bias: Float64[Tensor, " cols"],
        largest: float,
        widths: Digital,
        activation: MappedActivation | None,
    ) -> LayerRegisters:
        """The registers that come closest to real factors and biases, as many bits as they have.

        Args:
            factor: value of code 1 of every column of every tile, without unit.
            bias: of every column, without unit.
            largest: |sum| of the calibration images, partial sums included.
            widths: of the registers.
            activation: with levels; None: the sums are the output.

        Raises:
            ValueError: an activation without levels.
        """
        exponent = lsb_exponent(MARGIN * largest, widths.accumulator_bits)
        unit = 2.0**-exponent
        wanted, most = bias * unit, largest_number(widths.offset_bits)
        shift = max(0, lsb_exponent(float(wanted.abs().max()), widths.offset_bits))
        return LayerRegisters(
            Multipliers.of(factor * unit, widths.scale_bits),
            (wanted * 2.0**-shift).round().clamp(-most, most).long(),
            shift,
            exponent,
            None if activation is None else integer_thresholds(activation, exponent, widths.accumulator_bits),
            None if activation is None else activation.levels,
            widths,
        )

    def sums(self, codes: Int64[Tensor, "terms products cols"]) -> Int64[Tensor, "products cols"]:
        """The accumulators: offset, then the scaled codes of the tiles, row block after row block.

        Args:
            codes: of the converters; where an input takes several conversions their sum, shifted and subtracted.
        """
        terms = (
            Multipliers(mantissa, shift).scaled(code, self.widths.rounding)
            for code, mantissa, shift in zip(codes, self.multipliers.mantissa, self.multipliers.shift, strict=True)
        )
        return accumulated(self.offset << self.offset_shift, terms, self.widths)

    def output(
        self, codes: Int64[Tensor, "terms products cols"], window: Window, pool: Stateless | None = None
    ) -> Int64[Tensor, "batch cols ..."]:
        """Codes of the activation, or the sums where there is none.

        Args:
            codes: as for `sums`.
            window: puts the columns back in their places.
            pool: what is done to the maps before the activation; None: nothing.
        """
        n = as_maps(self.sums(codes), window)
        if pool is not None:
            n = pool.compute(IntegerOperations(self.widths.rounding), n)
        return n if self.thresholds is None else code_of(n, self.thresholds)

    def value(self, output: Int64[Tensor, "batch cols ..."]) -> Float[Tensor, "batch cols ..."]:
        """Drives of codes, or the numbers that sums stand for: n 2^e, exactly.

        Args:
            output: of `output`.
        """
        return output.double() * 2.0**self.exponent if self.levels is None else self.levels[output]
