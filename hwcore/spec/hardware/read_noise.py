"""Read noise, as tagged models by name: another error at every product."""

from typing import Annotated, Literal

from pydantic import Field

from hwcore.spec.hardware.published import READ_MODELS, PublishedRead
from hwcore.spec.reading.base import Alternative, ByType


class AdditiveRead(Alternative):
    """g + sigma_ratio g_max xi, xi ~ N(0, 1), drawn at every product; g_max is that of the component."""

    type: Literal["additive"] = Field(default="additive", description="Same standard deviation at every conductance.")
    sigma_ratio: float = Field(
        ge=0.0, le=1.0, description="Standard deviation over the component's largest conductance, without unit."
    )


class ProportionalRead(Alternative):
    """g (1 + sigma_ratio xi), xi ~ N(0, 1), drawn at every product."""

    type: Literal["proportional"] = Field(
        default="proportional", description="Standard deviation in proportion to the conductance."
    )
    sigma_ratio: float = Field(ge=0.0, le=1.0, description="Standard deviation over the conductance, without unit.")


Read = Annotated[
    AdditiveRead | ProportionalRead | PublishedRead,
    ByType(AdditiveRead, ProportionalRead, *READ_MODELS),
]
