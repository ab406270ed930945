"""Widths of the digital side: the whole numbers that it adds, scales and rounds the codes of the arrays with."""

from typing import Literal

from pydantic import Field

from hwcore.spec.reading.base import Spec

Rounding = Literal["half_away", "half_even", "down"]


class Digital(Spec):
    """Whole numbers of so many bits behind the arrays, two's complement; docs/explanation/digital.md has every step."""

    accumulator_bits: int = Field(
        ge=4,
        le=32,
        description="Bits of an accumulator, its sign included. It adds the offset of a column and the scaled codes "
        "of its tiles; its LSB is the smallest power of two with which twice the largest sum of the calibration "
        "images fits.",
    )
    scale_bits: int = Field(
        ge=2,
        le=24,
        description="Bits of a multiplier, its sign included; a shift of its own for every column of every tile goes "
        "with it.",
    )
    offset_bits: int = Field(
        ge=2,
        le=32,
        description="Bits of an offset, its sign included; one shift for all columns of a layer goes with it.",
    )
    rounding: Rounding = Field(
        default="half_away",
        description="Rounding of a product with a multiplier, of a mean and of a change of the LSB. half_away: to the "
        "nearest, ties away from zero. half_even: to the nearest, ties to the even one. down: towards minus infinity, "
        "which drops the bits that are shifted out.",
    )
    saturate: bool = Field(
        default=True,
        description="Whether an accumulator stops at its largest and smallest number. false: it wraps around.",
    )
