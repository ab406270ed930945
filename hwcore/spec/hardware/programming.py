"""Programming noise, as tagged models by name: the generic ones, and those of published devices."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from hwcore.spec.hardware.fitted import Fitted
from hwcore.spec.hardware.published import PROGRAMMING_MODELS, PublishedProgramming
from hwcore.spec.hardware.spacing import SMALLEST_G_MAX
from hwcore.spec.reading.base import Alternative, ByType, Contradiction, refuse
from hwcore.units import SIEMENS


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


class LogNormalProgramming(Fitted):
    """R = R_target exp(s xi - s^2 / 2), xi ~ N(0, 1): a log-normal resistance that keeps its mean.

    s is linear in the resistance between the on state and the off state.
    """

    type: Literal["log_normal"] = Field(
        default="log_normal",
        description="Log-normal resistance of the cells, device to device, its mean that of the target.",
    )
    log_sigma_on: float = Field(ge=0.0, le=2.0, description="Standard deviation of ln R in the on state, without unit.")
    log_sigma_off: float = Field(
        ge=0.0, le=2.0, description="Standard deviation of ln R in the off state, without unit."
    )
    g_on: float = Field(
        ge=SMALLEST_G_MAX,
        le=1.0,
        description="Conductance of the on state: no level of the cell conducts more.",
        json_schema_extra={"unit": SIEMENS},
    )
    g_off: float = Field(
        ge=SMALLEST_G_MAX,
        le=1.0,
        description="Conductance of the off state, below g_on: no level of the cell conducts less.",
        json_schema_extra={"unit": SIEMENS},
    )

    @model_validator(mode="after")
    def _off_below_on(self) -> "LogNormalProgramming":
        if not self.g_off < self.g_on:
            reason = f"the off state conducts less than the on state, and that is {self.g_on:.9g} S"
            refuse(self, [Contradiction(("g_off",), self.g_off, reason, f"a number below {self.g_on:.9g} S")])
        return self

    @property
    def g_range(self) -> tuple[float, float]:
        """Conductances from the off state to the on state, S."""
        return self.g_off, self.g_on


Programming = Annotated[
    AdditiveProgramming | ProportionalProgramming | LogNormalProgramming | PublishedProgramming,
    ByType(AdditiveProgramming, ProportionalProgramming, LogNormalProgramming, *PROGRAMMING_MODELS),
]
