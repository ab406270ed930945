"""Spacing of the levels of a component between its smallest and its largest conductance."""

import math
from typing import Annotated, Literal

from pydantic import Discriminator, Field

from hwcore.spec.reading.base import Alternative
from hwcore.units import SIEMENS

MIN_LEVELS = 2
MAX_LEVELS = 256
SMALLEST_G_MAX = 1e-15
"""S. Far below the leakage of any memory cell; below it the scales (1/S) would leave the range of float64."""
LARGEST_G_MAX = 1.0
"""S. Far above the conductance of any memory cell; a component whose bits add up to more is refused as well."""

Levels = Annotated[int, Field(ge=MIN_LEVELS, le=MAX_LEVELS)]
LargestConductance = Annotated[float, Field(ge=SMALLEST_G_MAX, le=LARGEST_G_MAX)]
OnOffRatio = Annotated[float, Field(gt=1.0)]


class Linear(Alternative):
    """Equally spaced levels: g_k = g_min + (g_max - g_min) k / (L - 1)."""

    type: Literal["linear"] = Field(default="linear", description="Equally spaced levels.")


class Exponential(Alternative):
    """Levels on an exponential: g_k = g_min + (g_max - g_min) (e^(nu k/(L-1)) - 1) / (e^nu - 1), nu the curvature."""

    type: Literal["exponential"] = Field(default="exponential", description="Levels on an exponential.")
    curvature: float = Field(
        ge=-10.0,
        le=10.0,
        description="Curvature nu, without unit: above 0 the levels are dense at the low end, below 0 at the high end; "
        "0 is the linear limit.",
    )


class BinaryWeighted(Alternative):
    """One conductance per bit, added up: g_k = sum over bits b of (bit b of k set ? g_b : g_b / on_off_ratio)."""

    type: Literal["binary_weighted"] = Field(
        default="binary_weighted", description="One conductance per bit of the code; levels is a power of two."
    )
    bit_conductances: (
        Annotated[
            tuple[Annotated[LargestConductance, Field(json_schema_extra={"unit": SIEMENS})], ...],
            Field(strict=False, min_length=1, max_length=8),
        ]
        | None
    ) = Field(
        default=None,
        description="Measured conductance of each bit when it is on, least significant bit first, one per bit of the "
        "code; their sum is g_max, at most 1 S. null: exact powers of two that add up to g_max.",
        json_schema_extra={"unit": SIEMENS},
    )


class Table(Alternative):
    """The conductances as measured, one per level."""

    type: Literal["table"] = Field(default="table", description="Conductances as measured.")
    conductances: Annotated[
        tuple[Annotated[float, Field(ge=0.0, le=1.0, json_schema_extra={"unit": SIEMENS})], ...],
        Field(strict=False, min_length=MIN_LEVELS, max_length=MAX_LEVELS),
    ] = Field(
        description="Conductance of each level, strictly increasing; its length is the number of levels, its ends are "
        "g_min and g_max, so on_off_ratio is left out.",
        json_schema_extra={"unit": SIEMENS},
    )


Spacing = Annotated[Linear | Exponential | BinaryWeighted | Table, Discriminator("type")]


def measured_g_max(spacing: Spacing) -> float | None:
    """Largest conductance in S where measured conductances say it, else None."""
    match spacing:
        case Table(conductances=conductances):
            return conductances[-1]
        case BinaryWeighted(bit_conductances=bits) if bits is not None:
            return math.fsum(bits)
        case _:
            return None
