"""The hardware description: everything mho knows about a chip."""

from typing import Final, Literal

from pydantic import Field

from hwcore.spec.activation import Activation
from hwcore.spec.array import Array, Input
from hwcore.spec.base import Spec
from hwcore.spec.cell import Cell
from hwcore.spec.noise import Noise
from hwcore.spec.weights import Weights

FORMAT: Final = "mho.hardware/1"


class Hardware(Spec):
    """A chip: its cells, how weights sit on them, its periphery and its noise. A part that is left out is ideal."""

    format: Literal["mho.hardware/1"] = Field(default=FORMAT, description="Version of this description.")
    cell: Cell = Field(description="The memory cell: the only part that has to be described.")
    weights: Weights = Field(default=Weights(), description="How a weight is put on a pair of cells.")
    activation: Activation = Field(default=Activation(), description="Activation function and its quantisation.")
    input: Input = Field(default=Input(), description="DAC in front of the first layer.")
    array: Array = Field(default=Array(), description="An array: its size and its lines.")
    noise: Noise = Field(default=Noise(), description="What is random about the cells.")

    def resolved(self) -> "Hardware":
        """The same chip with nothing left to a default or to "same"; resolving again changes nothing."""
        return self.model_copy(update={"cell": self.cell.resolved()})
