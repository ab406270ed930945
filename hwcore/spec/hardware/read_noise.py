"""Read noise, as tagged models by name: another error at every product."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field

from hwcore.spec.hardware.published import PcmJoshi2020, SonosAgrawal2022
from hwcore.spec.reading.base import Alternative


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


class PcmJoshi2020Read(PcmJoshi2020):
    """Read noise of the phase-change memory of Joshi et al. 2020, in the fit of aihwkit; it grows with time."""

    type: Literal["pcm_joshi_2020"] = Field(
        default="pcm_joshi_2020",
        description="Phase-change memory of Joshi et al. 2020, doi:10.1038/s41467-020-16108-9: 1/f noise that grows "
        "with the time since the write.",
    )

    @property
    def begins(self) -> float:
        """20 s: the earliest time at which the device was looked at."""
        return 20.0


class SonosAgrawal2022Read(SonosAgrawal2022):
    """Read noise of the charge-trap memory of Agrawal et al. 2022, in the fit of CrossSim."""

    type: Literal["sonos_agrawal_2022"] = Field(
        default="sonos_agrawal_2022",
        description="Charge-trap memory (SONOS) of Agrawal et al. 2022 (IEDM), doi:10.1109/IEDM45625.2022.10019564.",
    )


Read = Annotated[
    AdditiveRead | ProportionalRead | PcmJoshi2020Read | SonosAgrawal2022Read,
    Discriminator("type"),
]
