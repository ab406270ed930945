"""Fits of drift exponents that fall with the logarithm of the target."""

from __future__ import annotations

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.polynomial import published_variable
from hwcore.spec import ClippedLine, LogarithmicFit, Published


def logarithmic_moments(
    g_target: Float64[Tensor, "*shape"], fit: LogarithmicFit, model: Published
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """mu and s, each clip(a ln x + b, low, high): mean and deviation of the exponent over devices, without unit.

    Args:
        g_target: what was to be written, S, within the range of the device.
        fit: a, b, low and high of both.
        model: has the parameter that x is a share of.
    """
    log_x = published_variable(g_target, fit.over, model).log()
    return _clipped(log_x, fit.mean), _clipped(log_x, fit.deviation)


def _clipped(log_x: Tensor, line: ClippedLine) -> Tensor:
    return (line.slope * log_x + line.offset).clamp(line.low, line.high)
