"""The activation function between layers and its quantisation."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from hwcore.spec.reading.base import Spec, word_or

Bits = Annotated[int, Field(ge=1, le=8)]
SMALLEST_RANGE = 1e-30
"""Smallest range, without unit: in single precision a smaller one, or its reciprocal, is no number."""
RangeRule = Literal["learned", "calibrated"]


class Activation(Spec):
    """Function, bits and range of the activations.

    Levels with b bits over the range r: relu and sigmoid k r / (2^b - 1), k = 0 .. 2^b - 1; tanh
    -r + 2 r k / (2^b - 1).
    """

    function: Literal["relu", "sigmoid", "tanh"] = Field(default="relu", description="Activation function.")
    bits: Bits | None = Field(default=None, description="Bits of its output. null: not quantised.")
    range: Annotated[
        Annotated[Annotated[float, Field(ge=SMALLEST_RANGE, le=1e6)], Tag("number")]
        | Annotated[RangeRule, Tag("word")],
        Discriminator(word_or("number")),
    ] = Field(
        default="learned",
        description="Largest output r, without unit: trained with the weights (learned; by relu after batch "
        "normalisation through the scale and shift of that), taken from the data once (calibrated), or given.",
    )
