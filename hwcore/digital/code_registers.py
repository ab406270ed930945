"""Registers of an activation: whole thresholds, and the levels of its codes."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Int64
from torch import Tensor

from hwcore.digital.integer_thresholds import code_of, integer_thresholds
from hwcore.digital.number_format import NumberFormat
from hwcore.mapping import MappedActivation


@dataclass(frozen=True, eq=False)
class CodeRegisters:
    """Code k of a number: how many thresholds are at or below it.

    Attributes:
        thresholds: in the unit of the numbers that come in.
        format: of the codes.
    """

    thresholds: Int64[Tensor, " steps"]
    format: NumberFormat

    @staticmethod
    def of(activation: MappedActivation, source: NumberFormat, bits: int) -> CodeRegisters:
        """The registers of an activation.

        Args:
            activation: with levels.
            source: of the numbers that come in.
            bits: of an accumulator.

        Raises:
            ValueError: an activation without levels.
        """
        thresholds = integer_thresholds(activation, source.unit, bits)
        if activation.levels is None:
            raise ValueError("activation: got no levels; allowed: some, where it is computed with codes")
        return CodeRegisters(thresholds, NumberFormat.of_levels(activation.levels))

    def codes(self, multiples: Int64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
        """The code of every number.

        Args:
            multiples: what comes in, in its unit.
        """
        return code_of(multiples, self.thresholds)
