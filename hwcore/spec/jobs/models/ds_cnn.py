"""DS-CNN of MLPerf Tiny as a job asks for it."""

from typing import Annotated, Literal

from pydantic import Field

from hwcore.spec.jobs.model_fields import NORMALIZATION, Channels, Normalization
from hwcore.spec.reading.base import Alternative
from hwcore.units import PIXEL

Pair = Annotated[
    tuple[Annotated[int, Field(ge=1, le=64)], ...],
    Field(strict=False, min_length=2, max_length=2, json_schema_extra={"unit": PIXEL}),
]


class DsCnn(Alternative):
    """The keyword spotter of MLPerf Tiny: a convolution, depthwise separable blocks, a dense layer."""

    type: Literal["ds-cnn"] = Field(default="ds-cnn", description="Depthwise separable convolutions.")
    channels: Channels = Field(default=64, description="Channels of every convolution.")
    blocks: int = Field(default=4, ge=0, le=16, description="Number of blocks.")
    kernel: Pair = Field(default=(10, 4), description="Of the first convolution: frames and coefficients.")
    stride: Pair = Field(default=(2, 2), description="Of the first convolution: frames and coefficients.")
    separable: bool = Field(
        default=True,
        description="Blocks of a depthwise convolution and one of one pixel. false: of one convolution, which fills "
        "the arrays.",
    )
    normalization: Normalization | None = Field(default=None, description=NORMALIZATION)
