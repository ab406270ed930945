"""One block of a convolutional network: a convolution, and the pooling behind it."""

from typing import Literal

from pydantic import Field

from hwcore.spec.reading.base import Spec
from hwcore.units import PIXEL


class Pool(Spec):
    """Digital pooling over squares that touch and do not overlap; pixels beyond the last whole square are dropped."""

    type: Literal["max", "average"] = Field(description="What is kept of each square: its largest value, or its mean.")
    size: int = Field(
        default=2,
        ge=2,
        le=8,
        description="Edge of the square, and the step from one to the next.",
        json_schema_extra={"unit": PIXEL},
    )


class Convolution(Spec):
    """A convolution: one bit line per channel, one word line per pixel under the kernel and channel before it."""

    channels: int = Field(ge=1, le=1024, description="Output channels.")
    kernel: int = Field(
        ge=1,
        le=11,
        description="Edge of the square kernel, at most that of the padded input.",
        json_schema_extra={"unit": PIXEL},
    )
    stride: int = Field(
        default=1,
        ge=1,
        le=8,
        description="Step of the kernel from one position to the next.",
        json_schema_extra={"unit": PIXEL},
    )
    padding: int = Field(
        default=0,
        ge=0,
        le=5,
        description="Pixels of zero drive around the input, on every side.",
        json_schema_extra={"unit": PIXEL},
    )
    pool: Pool | None = Field(
        default=None,
        description="Pooling between the digital scale and bias and the activation. null: none.",
    )
