"""Resistive memory of 40 uS, written and verified; it relaxes after the write.

Source: W. Wan et al. 2022, Nature 608, doi:10.1038/s41586-022-04992-8, Extended Data Fig. 3. Two fits of the same
data, and they are not the same below 10 uS: at 0 they say 0.35 and 1.05 uS. The figure leaves room for both, so both
are offered by name: IBM's aihwkit (ReRamWan2022NoiseModel) after a second, a day and two days, and Sandia's CrossSim
(RRAMWan) after a second. Range of the fits: 0 to 40 uS (CrossSim itself stops at the last point of the figure,
39.26 uS).
"""

from __future__ import annotations

from typing import Final

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.fitted_range import within_fit
from hwcore.devices.polynomial import polynomial
from hwcore.spec import RramWan2022AihwkitProgramming, RramWan2022CrosssimProgramming

G_MAX: Final = 40e-6
"""S."""
AIHWKIT: Final = {
    "1_second": (0.348, 16.030, -43.853, 45.393, -16.815),
    "1_day": (0.701, 22.086, -50.773, 47.095, -16.458),
    "2_days": (0.782, 20.274, -43.507, 37.062, -11.934),
}
"""uS, of powers of g over 40 uS."""
CROSSSIM: Final = (1.053, 0.2374, -1.167e-2, 1.536e-4)
"""uS, of powers of g in uS."""


def aihwkit_sigma(g: Float64[Tensor, "*shape"], model: RramWan2022AihwkitProgramming) -> Float64[Tensor, "*shape"]:
    """sigma = sum_i c_i (g / 40 uS)^i uS, i to 4.

    Args:
        g: what is to be written, S, from 0 to 40 uS.
        model: when the cells were read.

    Raises:
        ValueError: conductances outside of the fit.
    """
    return 1e-6 * polynomial(within_fit(g, model) / G_MAX, AIHWKIT[model.after])


def crosssim_sigma(g: Float64[Tensor, "*shape"], model: RramWan2022CrosssimProgramming) -> Float64[Tensor, "*shape"]:
    """sigma = 1.053 + 0.2374 G - 1.167e-2 G^2 + 1.536e-4 G^3 uS, G in uS.

    Args:
        g: what is to be written, S, from 0 to 40 uS.
        model: has no parameters.

    Raises:
        ValueError: conductances outside of the fit.
    """
    return 1e-6 * polynomial(within_fit(g, model) * 1e6, CROSSSIM)
