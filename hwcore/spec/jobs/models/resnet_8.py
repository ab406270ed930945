"""ResNet-8 of MLPerf Tiny as a job asks for it."""

from typing import Annotated, Literal

from pydantic import Field

from hwcore.spec.jobs.model_fields import NORMALIZATION, Channels, Normalization
from hwcore.spec.reading.base import Alternative


class ResNet8(Alternative):
    """The residual network of MLPerf Tiny: a convolution, three residual blocks, a dense layer."""

    type: Literal["resnet-8"] = Field(default="resnet-8", description="Residual blocks of two convolutions each.")
    channels: Annotated[tuple[Channels, ...], Field(strict=False, min_length=1, max_length=4)] = Field(
        default=(16, 32, 64),
        description="Channels of each residual block; the first convolution has those of the first block.",
    )
    normalization: Normalization | None = Field(default=None, description=NORMALIZATION)
