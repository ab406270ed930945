"""LSTM as a job asks for it."""

from typing import Literal

from pydantic import Field

from hwcore.spec.reading.base import Alternative


class LstmNetwork(Alternative):
    """Long short-term memories over a series, and a dense layer that reads their states."""

    type: Literal["lstm"] = Field(
        default="lstm", description="Recurrent layers, products on arrays step after step and gates digital."
    )
    units: int = Field(default=64, ge=1, le=2048, description="Units of every recurrent layer, four columns each.")
    layers: int = Field(default=1, ge=1, le=8, description="Recurrent layers, one behind another.")
    readout: Literal["mean", "last"] = Field(
        default="mean",
        description="What the dense layer reads: the mean of the states of all steps, or the last state, which forgets "
        "a series that ends in silence.",
    )
    normalization: Literal["none"] = Field(
        default="none", description="Recurrent layers have no batch normalisation: its statistics differ by step."
    )
