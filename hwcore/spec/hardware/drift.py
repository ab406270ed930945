"""Drift: what the conductances do in the time after the write, and how the digital side makes up for it."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from hwcore.spec.hardware.published import PcmJoshi2020
from hwcore.spec.reading.base import Alternative
from hwcore.units import SECOND

Compensation = Annotated[
    Literal["none", "per_tile", "per_column"],
    Field(
        description="Factor on the outputs that makes up for the drift, taken from the mean response at t0 over that "
        "of now: none, one per tile, or one per column of every tile."
    ),
]


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


class PcmJoshi2020Drift(PcmJoshi2020):
    """Drift of the phase-change memory of Joshi et al. 2020, in the fit of aihwkit, from 20 s after the write."""

    type: Literal["pcm_joshi_2020"] = Field(
        default="pcm_joshi_2020",
        description="Phase-change memory of Joshi et al. 2020, doi:10.1038/s41467-020-16108-9, from 20 s after the "
        "write.",
    )
    compensation: Compensation = "none"

    @property
    def t0(self) -> float:
        """20 s."""
        return 20.0

    @property
    def begins(self) -> float:
        """t0, s."""
        return self.t0


Drift = Annotated[PowerLawDrift | PcmJoshi2020Drift, Discriminator("type")]
