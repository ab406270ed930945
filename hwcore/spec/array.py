"""The periphery around the cells: the DAC in front of the first layer, and an array, its size and its lines."""

from typing import Annotated, Literal

from pydantic import Field

from hwcore.spec.activation import Bits
from hwcore.spec.base import Spec
from hwcore.units import OHM, VOLT

LARGEST_RESISTANCE = 1e6
"""Ohm. A larger one is no wire."""
Resistance = Annotated[float, Field(ge=0.0, le=LARGEST_RESISTANCE)]
PairLayout = Literal["separate", "interleaved"]


class Input(Spec):
    """The DAC in front of the first layer."""

    bits: Bits | None = Field(default=None, description="Bits of the inputs. null: the data as they are.")


class WireResistance(Spec):
    """Resistance of one segment of a line: between neighbouring crossings, and at the end of the line."""

    word: Resistance = Field(
        default=0.0,
        description="One segment of a word line, from the driver to the first cell and from cell to cell.",
        json_schema_extra={"unit": OHM},
    )
    bit: Resistance = Field(
        default=0.0,
        description="One segment of a bit line, from cell to cell and from the last cell to the sense amplifier.",
        json_schema_extra={"unit": OHM},
    )


class Array(Spec):
    """One array, its size and its lines; a tile is a pair of them, or one of twice the bit lines."""

    rows: int = Field(default=128, ge=1, le=16384, description="Word lines, one per input.")
    cols: int = Field(default=128, ge=1, le=16384, description="Bit lines, one per output.")
    wire_resistance: WireResistance | None = Field(
        default=None, description="Resistance of the lines, per segment. null: none."
    )
    driver_resistance: Resistance | None = Field(
        default=None,
        description="Between the source of a word line and its first segment. null: none.",
        json_schema_extra={"unit": OHM},
    )
    sense_resistance: Resistance | None = Field(
        default=None,
        description="Between the last segment of a bit line and the virtual ground. null: none.",
        json_schema_extra={"unit": OHM},
    )
    pair_layout: PairLayout | None = Field(
        default=None,
        description="Where the components of a pair are: in two arrays (separate), or side by side in one, positive "
        "bit line, negative, positive, ... (interleaved). null: separate.",
    )
    read_voltage: float | None = Field(
        default=None,
        gt=0.0,
        le=100.0,
        description="Voltage of a word line at full scale. null: currents are told per volt of it.",
        json_schema_extra={"unit": VOLT},
    )
