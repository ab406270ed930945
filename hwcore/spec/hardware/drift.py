"""Drift of the conductances in the time after the write, as tagged models by name."""

from typing import Annotated, Literal

from pydantic import Field

from hwcore.spec.hardware.compensation import Compensation
from hwcore.spec.hardware.published import DRIFT_MODELS, PublishedDrift
from hwcore.spec.reading.base import Alternative, ByType
from hwcore.units import SECOND


class PowerLawDrift(Alternative):
    """g(t) = g (t / t0)^-nu, nu = |exponent + exponent_sigma xi|, xi ~ N(0, 1), drawn once per device."""

    type: Literal["power_law"] = Field(
        default="power_law", description="Power of the time since the write, its exponent drawn once per device."
    )
    exponent: float = Field(ge=0.0, le=1.0, description="Mean of the exponent nu, without unit.")
    exponent_sigma: float = Field(
        default=0.0, ge=0.0, le=1.0, description="Standard deviation of nu from device to device, without unit."
    )
    t0: float = Field(
        default=1.0,
        ge=1e-9,
        le=1e9,
        description="Time after the write at which the cells have what was programmed; there is no earlier one.",
        json_schema_extra={"unit": SECOND},
    )
    compensation: Compensation = "none"

    @property
    def begins(self) -> float:
        """t0, s."""
        return self.t0


Drift = Annotated[PowerLawDrift | PublishedDrift, ByType(PowerLawDrift, *DRIFT_MODELS)]
