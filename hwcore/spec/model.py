"""The network to train."""

from typing import Annotated, Literal

from pydantic import Field

from hwcore.spec.base import Spec

Width = Annotated[int, Field(ge=1, le=8192)]


class Model(Spec):
    """A multilayer perceptron."""

    type: Literal["mlp"] = Field(default="mlp", description="Dense layers with the hardware's activation between them.")
    hidden: Annotated[tuple[Width, ...], Field(strict=False, max_length=8)] = Field(
        default=(512, 512),
        description="Units of each hidden layer, from input to output; empty: a single layer.",
    )
    normalization: Literal["batch", "none"] | None = Field(
        default=None,
        description="batch: batch normalisation, folded into the digital scale and bias of each column, so it needs "
        "scale per_column and bias digital. null: batch where the hardware allows it, else none.",
    )
