"""Log-normal spread of the resistance from device to device, one width in the on state and one in the off state."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.fitted_range import within_fit
from hwcore.spec import LogNormalProgramming


def log_sigma(g: Float64[Tensor, "*shape"], model: LogNormalProgramming) -> Float64[Tensor, "*shape"]:
    """s = s_on + (s_off - s_on) (R - R_on) / (R_off - R_on), R = 1/g: standard deviation of ln R, without unit.

    Args:
        g: what is to be written, S, from g_off to g_on.
        model: s in the two states, and the states.

    Raises:
        ValueError: conductances outside of the two states.
    """
    r_on, r_off = 1 / model.g_on, 1 / model.g_off
    share = (1 / within_fit(g, model) - r_on) / (r_off - r_on)
    return model.log_sigma_on + (model.log_sigma_off - model.log_sigma_on) * share


def log_normal_written(
    g: Float64[Tensor, "*shape"], model: LogNormalProgramming, xi: Float64[Tensor, ...]
) -> Float64[Tensor, ...]:
    """g' = g exp(s^2/2 - s xi), so that R' = R exp(s xi - s^2/2) has the mean R; S.

    Args:
        g: as for `log_sigma`.
        model: as for `log_sigma`; s = 0 gives g itself.
        xi: standard normal, of any shape that g spreads over.

    Raises:
        ValueError: as for `log_sigma`.
    """
    s = log_sigma(g, model)
    return g * torch.exp(s.square() / 2 - s * xi)


def log_normal_moments(
    g: Float64[Tensor, "*shape"], model: LogNormalProgramming
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """E[g'] = g e^(s^2) and sd[g'] = E[g'] (e^(s^2) - 1)^(1/2): the mean *resistance* is kept, so the mean g grows.

    Args:
        g: as for `log_sigma`.
        model: as for `log_sigma`.

    Returns:
        Mean and standard deviation, S.

    Raises:
        ValueError: as for `log_sigma`.
    """
    variance = log_sigma(g, model).square()
    mean = g * variance.exp()
    return mean, mean * torch.expm1(variance).sqrt()
