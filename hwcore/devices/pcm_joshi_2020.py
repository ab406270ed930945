"""Phase-change memory of 25 uS, programmed by iteration to a conductance.

Source: V. Joshi et al. 2020, Nat. Commun. 11, doi:10.1038/s41467-020-16108-9; S. R. Nandakumar et al. 2019 (ICECS),
doi:10.1109/ICECS46596.2019.8964852. The coefficients are those of IBM's aihwkit (PCMLikeNoiseModel), which fitted
that data.

x = g / g_max throughout. Range of the fits: x from 0 to 1.
"""

from __future__ import annotations

import math
from typing import Final

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.fitted_range import within_fit
from hwcore.devices.polynomial import polynomial
from hwcore.spec import PcmJoshi2020Drift, PcmJoshi2020Programming, PcmJoshi2020Read

PROGRAMMING: Final = (0.26348e-6, 1.9650e-6, -1.1731e-6)
"""S, of a device with 25 uS."""
G_MAX: Final = 25e-6
"""S."""
T_READ: Final = 250e-9
"""s, of one read."""


def programming_sigma(g: Float64[Tensor, "*shape"], model: PcmJoshi2020Programming) -> Float64[Tensor, "*shape"]:
    """sigma = (g_max / 25 uS) (0.26348 + 1.9650 x - 1.1731 x^2) uS.

    Args:
        g: what is to be written, S, from 0 to g_max.
        model: g_max, S.

    Raises:
        ValueError: conductances outside of 0 to g_max.
    """
    return polynomial(within_fit(g, model) / model.g_max, PROGRAMMING) * (model.g_max / G_MAX)


def exponent_moments(
    g_target: Float64[Tensor, "*shape"], model: PcmJoshi2020Drift
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """mu = clip(-0.0155 ln x + 0.0244, 0.049, 0.1) and s = clip(-0.0125 ln x - 0.0059, 0.008, 0.045), without unit.

    Args:
        g_target: what was to be written, S, from 0 to g_max.
        model: g_max, S.

    Returns:
        Mean and standard deviation of the drift exponent from device to device.

    Raises:
        ValueError: conductances outside of 0 to g_max.
    """
    log_x = (within_fit(g_target, model) / model.g_max).log()
    return (-0.0155 * log_x + 0.0244).clamp(0.049, 0.1), (-0.0125 * log_x - 0.0059).clamp(0.008, 0.045)


def read_sigma_ratio(
    g_target: Float64[Tensor, "*shape"], model: PcmJoshi2020Read, *, t: float
) -> Float64[Tensor, "*shape"]:
    """sigma / g = Q (ln((t + t_r) / (2 t_r)))^(1/2), Q = min(0.0088 / x^0.65, 0.2), t_r = 250 ns, without unit.

    Args:
        g_target: what was to be written, S, from 0 to g_max.
        model: g_max, S.
        t: time since the write, s, from t_r.

    Raises:
        ValueError: conductances outside of 0 to g_max, or a time before t_r.
    """
    if not T_READ <= t < math.inf:
        raise ValueError(f"t: got {t:g} s; allowed: a finite time from {T_READ:g} s after the write, one read")
    x = within_fit(g_target, model) / model.g_max
    return (0.0088 / x.pow(0.65)).clamp(max=0.2) * math.sqrt(math.log((t + T_READ) / (2 * T_READ)))
