"""Fits of 1/f noise: it grows with the logarithm of the time since the write."""

from __future__ import annotations

import math

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.polynomial import published_variable
from hwcore.spec import FlickerFit, Published


def flicker_ratio(
    g_target: Float64[Tensor, "*shape"], fit: FlickerFit, model: Published, *, t: float
) -> Float64[Tensor, "*shape"]:
    """sigma / g = Q (ln((t + t_r) / (2 t_r)))^(1/2), Q = min(c / x^p, Q_max), without unit.

    Args:
        g_target: what was to be written, S, within the range of the device.
        fit: c, p, Q_max, and t_r, s.
        model: has the parameter that x is a share of.
        t: time since the write, s, from t_r.

    Raises:
        ValueError: a time before t_r.
    """
    read = fit.read_seconds
    if not read <= t < math.inf:
        raise ValueError(f"t: got {t:g} s; allowed: a finite time from {read:g} s after the write, one read")
    x = published_variable(g_target, fit.over, model)
    share = (fit.coefficient / x.pow(fit.power)).clamp(max=fit.largest)
    return share * math.sqrt(math.log((t + read) / (2 * read)))
