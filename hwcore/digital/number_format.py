"""Formats of whole numbers on the edges of a network: what they stand for."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float64, Int64
from torch import Tensor


@dataclass(frozen=True, eq=False)
class NumberFormat:
    """Whole numbers n that stand for (slope n + first) unit; of codes k of an activation that is level k.

    Attributes:
        unit: without unit, above 0.
        slope: 1; of codes whose levels lie on both sides of zero 2, so that everything is a multiple of the unit.
        first: number of code 0.
        exponent: e, where the unit is 2^e, the LSB of an accumulator; None: the numbers are codes.
        levels: drives of the codes; None: they are not those of an activation.
    """

    unit: float
    slope: int = 1
    first: int = 0
    exponent: int | None = None
    levels: Float64[Tensor, " levels"] | None = None

    @staticmethod
    def of_sums(exponent: int) -> NumberFormat:
        """Numbers of an accumulator with the LSB 2^e."""
        return NumberFormat(2.0**exponent, exponent=exponent)

    @staticmethod
    def of_levels(levels: Float64[Tensor, " levels"]) -> NumberFormat:
        """Codes of an activation, whose levels are evenly spaced: from 0, or on both sides of it."""
        steps = len(levels) - 1
        if float(levels[0]) == 0:
            return NumberFormat(float(levels[-1]) / steps, levels=levels)
        return NumberFormat(float(levels[-1]) / steps, slope=2, first=-steps, levels=levels)

    def multiples(self, n: Int64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
        """The values in units: slope n + first."""
        return n if self.slope == 1 and self.first == 0 else n * self.slope + self.first

    def value(self, n: Int64[Tensor, "*shape"]) -> Float64[Tensor, "*shape"]:
        """The values: drives of codes, and of sums n 2^e, exactly."""
        return self.multiples(n).double() * self.unit if self.levels is None else self.levels[n]

    def same(self, other: NumberFormat) -> bool:
        """Tell whether the same number stands for the same value."""
        alike = (self.unit, self.slope, self.first) == (other.unit, other.slope, other.first)
        if self.levels is None or other.levels is None:
            return alike and self.levels is other.levels
        return alike and torch.equal(self.levels, other.levels)
