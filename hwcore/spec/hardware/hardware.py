"""The hardware description: everything mho knows about a chip."""

from typing import Final, Literal

from pydantic import Field, model_validator

from hwcore.spec.hardware.activation import Activation
from hwcore.spec.hardware.adc import Adc
from hwcore.spec.hardware.array import Array, Input
from hwcore.spec.hardware.cell import Cell
from hwcore.spec.hardware.digital import Digital
from hwcore.spec.hardware.drive import DriveCoding
from hwcore.spec.hardware.drive_contradictions import drive_contradictions
from hwcore.spec.hardware.fitted import Fitted, outside_fit
from hwcore.spec.hardware.noise import Noise
from hwcore.spec.hardware.weights import Weights
from hwcore.spec.reading.base import Contradiction, Spec, refuse, unsaid

FORMAT: Final = "mho.hardware/1"
Calibration = Literal["none", "per_column"]


def _uncalibrated(value: Calibration) -> bool:
    return value == "none"


class Hardware(Spec):
    """A chip: its cells, how weights sit on them, its periphery and its noise. A part that is left out is ideal."""

    format: Literal["mho.hardware/1"] = Field(default=FORMAT, description="Version of this description.")
    cell: Cell = Field(description="The memory cell: the only part that has to be described.")
    weights: Weights = Field(default=Weights(), description="How a weight is put on a pair of cells.")
    activation: Activation = Field(default=Activation(), description="Activation function and its quantisation.")
    input: Input = Field(default=Input(), description="DAC in front of the first layer.")
    drive: DriveCoding | None = Field(
        default=None,
        exclude_if=unsaid,
        description="How inputs drive the word lines of every layer. null: by voltages of both polarities, those of "
        "the first layer as input.bit_serial says.",
    )
    array: Array = Field(default=Array(), description="An array: its size and its lines.")
    adc: Adc | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Converters at the end of the bit lines. null: their currents are read exactly.",
    )
    digital: Digital | None = Field(
        default=None,
        exclude_if=unsaid,
        description="Widths of the digital side, which computes in whole numbers. null: it computes exactly.",
    )
    noise: Noise = Field(default=Noise(), description="What is random about the cells.")
    calibration: Calibration = Field(
        default="none",
        exclude_if=_uncalibrated,
        description="Whether every chip is calibrated once after its write, before it is used: at the first time at "
        "which its drift and its read noise are known. per_column: whatever weights.scale and weights.bias say, the "
        "digital side has a gain and an offset for every column of a layer, which bring its currents for known images "
        "as close as possible to those of the chip as designed. none: all chips have the same scales and biases.",
    )

    @model_validator(mode="after")
    def _cell_within_fits(self) -> "Hardware":
        models = (getattr(self.noise, name) for name in Noise.model_fields)
        fitted = [model for model in models if isinstance(model, Fitted)]
        refuse(self, [found for model in fitted for found in outside_fit(self.cell, model)])
        return self

    @model_validator(mode="after")
    def _digital_has_codes(self) -> "Hardware":
        if self.digital is not None and self.activation.bits is None:
            reason = "the digital side computes in whole numbers, and gives codes to the next array"
            refuse(self, [Contradiction(("activation", "bits"), None, reason, "a whole number from 1 to 8")])
        return self

    @model_validator(mode="after")
    def _drives_as_said(self) -> "Hardware":
        refuse(self, drive_contradictions(self.drive, self.input, self.activation, self.array))
        return self

    @property
    def calibrated(self) -> bool:
        """True where every chip is calibrated after its write."""
        return self.calibration != "none"

    def resolved(self) -> "Hardware":
        """The same chip with nothing left to a default or to "same"; resolving again changes nothing."""
        return self.model_copy(update={"cell": self.cell.resolved()})
