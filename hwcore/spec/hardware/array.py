"""The periphery around the cells: the DAC in front of the first layer, and an array, its size and its lines."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from hwcore.spec.hardware.activation import Bits
from hwcore.spec.reading.base import Contradiction, Spec, number_for, refuse, unsaid
from hwcore.units import OHM, VOLT

LARGEST_RESISTANCE = 1e6
"""Ohm. A larger one is no wire."""
Resistance = Annotated[float, Field(ge=0.0, le=LARGEST_RESISTANCE)]
PairLayout = Literal["separate", "interleaved"]


class Input(Spec):
    """The DAC in front of the first layer."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["bit_serial"], "properties": {"bit_serial": {"const": True}}},
            "then": {"required": ["bits"], "properties": {"bits": {"type": "integer"}}},
        }
    )

    bits: Bits | None = Field(default=None, description="Bits of the inputs. null: the data as they are.")
    bit_serial: bool | None = Field(
        default=None,
        exclude_if=unsaid,
        description="One bit of the inputs per cycle, each cycle converted, what they give shifted and added; only "
        "with bits. null: all bits at once, as false.",
    )

    @model_validator(mode="after")
    def _bits_to_send(self) -> "Input":
        if self.bit_serial and self.bits is None:
            reason = "without bits there is nothing to send one by one"
            refuse(self, [Contradiction(("bits",), None, reason, "a whole number from 1 to 8, or bit_serial false")])
        return self


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
    wire_resistance: Annotated[
        WireResistance | None,
        number_for(lambda r: {"word": r, "bit": r}, Resistance, WireResistance | None),
    ] = Field(
        default=None,
        exclude_if=unsaid,
        description="Resistance of the lines, per segment; a number is that of both. null: none.",
        json_schema_extra={"unit": OHM},
    )
    driver_resistance: Resistance | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Between the source of a word line and its first segment. null: none.",
        json_schema_extra={"unit": OHM},
    )
    sense_resistance: Resistance | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Between the last segment of a bit line and the virtual ground. null: none.",
        json_schema_extra={"unit": OHM},
    )
    pair_layout: PairLayout | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Where the components of a pair are: in two arrays (separate), or side by side in one, positive "
        "bit line, negative, positive, ... (interleaved). null: separate.",
    )
    pack_groups: bool | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Whether as many groups of a convolution as fit share a tile, each with word lines and bit lines "
        "of its own: they are read one after the other, while the word lines of the others rest at 0 V. Cells beside "
        "them have the lowest level. null: every group has tiles of its own, as false.",
    )
    read_voltage: float | None = Field(
        default=None,
        exclude_if=unsaid,
        gt=0.0,
        le=100.0,
        description="Voltage of a word line at full scale. null: currents are told per volt of it.",
        json_schema_extra={"unit": VOLT},
    )
