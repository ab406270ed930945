"""Encoding of weights in pairs of components, and scale and bias in the periphery."""

from typing import Literal

from pydantic import Field

from hwcore.spec.reading.base import Spec


class Weights(Spec):
    """Encoding of a weight on its pair of cells; its scale; where the bias is added."""

    encoding: Literal["sign_select", "full_pair"] = Field(
        default="sign_select",
        description="sign_select: one component carries the magnitude, the other rests at its lowest conductance. "
        "full_pair: both components are free, which gives more distinct values from the same cells.",
    )
    scale: Literal["per_layer", "per_column"] = Field(
        default="per_column",
        description="How many digital scale factors follow the array: one for each layer or one for each column.",
    )
    bias: Literal["array_row", "digital"] = Field(
        default="digital",
        description="array_row: the bias is one more row of cells, driven at full input. digital: it is added after "
        "the array.",
    )
