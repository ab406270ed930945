"""Phase-change memory of 25 uS, programmed by iteration to a conductance.

Source: V. Joshi et al. 2020, Nat. Commun. 11, doi:10.1038/s41467-020-16108-9; S. R. Nandakumar et al. 2019 (ICECS),
doi:10.1109/ICECS46596.2019.8964852. The coefficients are those of IBM's aihwkit (PCMLikeNoiseModel), which fitted
that data.

x = g / g_max throughout. Range of the fits: x from 0 to 1.
"""

from __future__ import annotations

from typing import Final

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.fitted_range import within_fit
from hwcore.devices.polynomial import polynomial
from hwcore.spec import PcmJoshi2020Programming

PROGRAMMING: Final = (0.26348e-6, 1.9650e-6, -1.1731e-6)
"""S, of a device with 25 uS."""
G_MAX: Final = 25e-6
"""S."""


def programming_sigma(g: Float64[Tensor, "*shape"], model: PcmJoshi2020Programming) -> Float64[Tensor, "*shape"]:
    """sigma = (g_max / 25 uS) (0.26348 + 1.9650 x - 1.1731 x^2) uS.

    Args:
        g: what is to be written, S, from 0 to g_max.
        model: g_max, S.

    Raises:
        ValueError: conductances outside of 0 to g_max.
    """
    return polynomial(within_fit(g, model) / model.g_max, PROGRAMMING) * (model.g_max / G_MAX)
