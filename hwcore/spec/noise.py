"""Noise of the cells, as tagged models by name."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from hwcore.spec.base import Alternative, Spec


class AdditiveProgramming(Alternative):
    """g = g_target + sigma_ratio g_max xi, xi ~ N(0, 1), drawn once per write; g_max is that of the component."""

    type: Literal["additive"] = Field(default="additive", description="Same standard deviation at every conductance.")
    sigma_ratio: float = Field(
        ge=0.0, le=1.0, description="Standard deviation over the component's largest conductance, without unit."
    )


class ProportionalProgramming(Alternative):
    """g = g_target (1 + sigma_ratio xi), xi ~ N(0, 1), drawn once per write."""

    type: Literal["proportional"] = Field(
        default="proportional", description="Standard deviation in proportion to the conductance."
    )
    sigma_ratio: float = Field(ge=0.0, le=1.0, description="Standard deviation over the conductance, without unit.")


Programming = Annotated[AdditiveProgramming | ProportionalProgramming, Discriminator("type")]


class Noise(Spec):
    """What is random about the cells; what is left out does not happen."""

    programming: Programming | None = Field(
        default=None, description="Error of a write, drawn once per cell and chip. null: writes are exact."
    )
