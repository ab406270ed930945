"""The periphery around the cells: the DAC in front of the first layer, and the size of an array."""

from pydantic import Field, model_validator

from hwcore.spec.activation import Bits
from hwcore.spec.base import Contradiction, Spec, refuse, unsaid


class Input(Spec):
    """The DAC in front of the first layer."""

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


class Array(Spec):
    """Size of one array; a tile is a pair of them, one for each component."""

    rows: int = Field(default=128, ge=1, le=16384, description="Word lines, one per input.")
    cols: int = Field(default=128, ge=1, le=16384, description="Bit lines, one per output.")
