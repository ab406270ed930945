"""Coding of the inputs on the word lines: what carries their size, and what carries their sign."""

from typing import Literal

from pydantic import Field, model_validator

from hwcore.spec.reading.base import Contradiction, Spec, refuse, unsaid

Coding = Literal["amplitude", "bit_serial", "pulse_width"]
SignCoding = Literal["two_phase", "pair", "sign_magnitude"]
Subtraction = Literal["analog", "digital"]


class DriveCoding(Spec):
    """Coding of the inputs on the word lines of every layer; an idle word line rests at 0 V.

    Drives without a sign are the same under every way of telling it.
    """

    coding: Coding | None = Field(
        default=None,
        exclude_if=unsaid,
        description="What carries the size of an input. amplitude: the voltage of its word line. pulse_width: the time "
        "for which the line is at the read voltage; a converter gets the charge of the whole time, which with linear "
        "wires is that of amplitude. bit_serial: one bit per cycle, the least significant first, each cycle converted, "
        "what they give shifted and added; only with input.bits and activation.bits. null: as input.bit_serial says of "
        "the first layer, and amplitude in all others.",
    )
    signed: SignCoding | None = Field(
        default=None,
        exclude_if=unsaid,
        description="What carries the sign of an input where inputs have one. sign_magnitude: the polarity of its word "
        "line, both at once. two_phase: lines of one polarity, the positive inputs first and then the negative ones. "
        "pair: two word lines of one polarity, the first for a positive input, and the second, on which the components "
        "of every weight change places, for a negative one: twice the rows. null: sign_magnitude.",
    )
    subtract: Subtraction | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Where the two phases are subtracted; only with signed two_phase. analog: before the conversion, "
        "of which there is one. digital: after it, so each phase is converted. null: analog.",
    )

    @model_validator(mode="after")
    def _phases_to_subtract(self) -> "DriveCoding":
        if self.subtract is not None and self.signed != "two_phase":
            reason = "there are no two phases to subtract"
            refuse(self, [Contradiction(("subtract",), self.subtract, reason, "leave it out, or signed two_phase")])
        return self
