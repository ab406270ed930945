"""Published devices by name: what a description may say of each, and the conductances that it was fitted on.

The fits themselves, with their papers, are in `hwcore.devices`, one device per file.
"""

from typing import Literal

from pydantic import Field

from hwcore.spec.hardware.fitted import Fitted
from hwcore.spec.hardware.spacing import SMALLEST_G_MAX
from hwcore.units import SIEMENS, VOLT


class PcmJoshi2020(Fitted):
    """Phase-change memory of Joshi et al. 2020, doi:10.1038/s41467-020-16108-9; holds from 0 to g_max."""

    g_max: float = Field(
        default=25e-6,
        ge=SMALLEST_G_MAX,
        le=1.0,
        description="Largest conductance of the device. 2.5e-5 S is that of the paper; another one scales the device "
        "and its noise in proportion.",
        json_schema_extra={"unit": SIEMENS},
    )

    @property
    def g_range(self) -> tuple[float, float]:
        """0 to g_max."""
        return 0.0, self.g_max


class PcmJoshi2020Programming(PcmJoshi2020):
    """Programming noise of the phase-change memory of Joshi et al. 2020, in the fit of aihwkit."""

    type: Literal["pcm_joshi_2020"] = Field(
        default="pcm_joshi_2020",
        description="Phase-change memory of Joshi et al. 2020, doi:10.1038/s41467-020-16108-9, 0 to g_max.",
    )


class RramWan2022AihwkitProgramming(Fitted):
    """Resistive memory of Wan et al. 2022, as aihwkit fits it: 0 to 4e-5 S."""

    type: Literal["rram_wan_2022_aihwkit"] = Field(
        default="rram_wan_2022_aihwkit",
        description="Resistive memory of Wan et al. 2022, doi:10.1038/s41586-022-04992-8, in aihwkit's fit, 0 to "
        "4e-5 S.",
    )
    after: Literal["1_second", "1_day", "2_days"] = Field(
        default="1_second",
        description="How long after the write the cells were read: they relax, and the error of the write grows.",
    )

    @property
    def g_range(self) -> tuple[float, float]:
        """0 to 40 uS."""
        return 0.0, 40e-6


class RramWan2022CrosssimProgramming(Fitted):
    """Resistive memory of Wan et al. 2022, as CrossSim fits it: 0 to 4e-5 S."""

    type: Literal["rram_wan_2022_crosssim"] = Field(
        default="rram_wan_2022_crosssim",
        description="Resistive memory of Wan et al. 2022, doi:10.1038/s41586-022-04992-8, one second after the write, "
        "in CrossSim's fit, 0 to 4e-5 S.",
    )

    @property
    def g_range(self) -> tuple[float, float]:
        """0 to 40 uS."""
        return 0.0, 40e-6


class RramMilo2021Programming(Fitted):
    """Resistive memory of Milo et al. 2021: 5e-5 to 2.25e-4 S."""

    type: Literal["rram_milo_2021"] = Field(
        default="rram_milo_2021",
        description="Resistive memory of Milo et al. 2021 (IRPS), 5e-5 to 2.25e-4 S.",
    )

    @property
    def g_range(self) -> tuple[float, float]:
        """50 to 225 uS."""
        return 50e-6, 225e-6


class RramCmo2025Programming(Fitted):
    """Resistive memory of conductive metal oxide on HfOx, Falcone et al. 2025: 9e-6 to 8.82e-5 S."""

    type: Literal["rram_cmo_2025"] = Field(
        default="rram_cmo_2025",
        description="Resistive memory of conductive metal oxide on HfOx, Falcone et al. 2025, arXiv:2502.04524, 9e-6 "
        "to 8.82e-5 S.",
    )
    acceptance: Literal["0.2_percent", "2_percent"] = Field(
        default="0.2_percent",
        description="How close to its target a cell has to be for the write to end, as a share of the target.",
    )

    @property
    def g_range(self) -> tuple[float, float]:
        """9 to 88.2 uS."""
        return 9e-6, 88.2e-6


class SonosAgrawal2022(Fitted):
    """Charge-trap memory of Agrawal et al. 2022 (IEDM): currents up to 1600 nA, I = g read_voltage."""

    read_voltage: float = Field(
        default=0.1,
        ge=1e-3,
        le=10.0,
        description="Voltage across a cell: the device is published in currents, and a conductance g is the current "
        "g times this. 0.1 V makes its largest current of 1.6e-6 A a conductance of 1.6e-5 S.",
        json_schema_extra={"unit": VOLT},
    )

    @property
    def g_range(self) -> tuple[float, float]:
        """0 to 1600 nA over the read voltage."""
        return 0.0, 1600e-9 / self.read_voltage


class SonosAgrawal2022Programming(SonosAgrawal2022):
    """Programming noise of the charge-trap memory of Agrawal et al. 2022."""

    type: Literal["sonos_agrawal_2022"] = Field(
        default="sonos_agrawal_2022",
        description="Charge-trap memory (SONOS) of Agrawal et al. 2022 (IEDM), doi:10.1109/IEDM45625.2022.10019564, 0 "
        "to 1.6e-6 A.",
    )
    after: Literal["0_days", "5_days"] = Field(
        default="0_days", description="How long after the write the cells were read; their spread grows."
    )
