"""MobileNet v1 of MLPerf Tiny as a job asks for it."""

from typing import Literal

from pydantic import Field

from hwcore.spec.jobs.model_fields import NORMALIZATION, Normalization
from hwcore.spec.reading.base import Alternative


class MobileNetV1(Alternative):
    """The network for visual wake words of MLPerf Tiny: a convolution, thirteen separable blocks, a dense layer."""

    type: Literal["mobilenet-v1"] = Field(
        default="mobilenet-v1", description="Depthwise separable convolutions, down to a 32nd of the size."
    )
    width: float = Field(
        default=0.25, gt=0.0, le=1.0, description="Share of the channels of the full network, without unit."
    )
    normalization: Normalization | None = Field(default=None, description=NORMALIZATION)
