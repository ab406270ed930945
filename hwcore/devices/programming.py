"""Programming noise: the error of a write, drawn once per cell and write."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.draw import Chips, standard_normal
from hwcore.devices.fitted_range import within_fit
from hwcore.devices.log_normal import log_normal_moments, log_normal_written
from hwcore.devices.polynomial import polynomial_sigma
from hwcore.devices.saturating import saturating_sigma
from hwcore.spec import (
    AdditiveProgramming,
    LogNormalProgramming,
    PolynomialFit,
    Programming,
    ProportionalProgramming,
    Published,
    SaturatingFit,
)

PUBLISHED_SIGMA: Final[Mapping[type, Callable[[Tensor, Any, Published], Tensor]]] = {
    PolynomialFit: polynomial_sigma,
    SaturatingFit: saturating_sigma,
}
"""Standard deviation of a write to a published device, by the kind of its fit."""


def programming_sigma(g: Float64[Tensor, "*shape"], model: Programming, *, g_max: float) -> Float64[Tensor, "*shape"]:
    """Standard deviation of a write, before conductances are clamped at zero.

    additive: m g_max. proportional: m g. log_normal: g e^(s^2) (e^(s^2) - 1)^(1/2). A published device: its fit.

    Every model of programming noise comes in here: a chip is drawn with it, and training takes its moments from it.

    Args:
        g: what is to be written, S, from 0, within the range of a fitted model.
        model: its kind and parameters.
        g_max: largest conductance of this component, S; it scales the additive noise and nothing else: a published
            device is a function of the conductance alone.

    Returns:
        S, from 0.

    Raises:
        ValueError: conductances that a fitted model was not fitted on.

    Source: additive and proportional are the two simplest models, not fitted to a device; the others say theirs.
    """
    match model:
        case AdditiveProgramming():
            return torch.full_like(g, model.sigma_ratio * g_max)
        case ProportionalProgramming():
            return model.sigma_ratio * g
        case LogNormalProgramming():
            return log_normal_moments(g, model)[1]
        case _:
            fit = model.fit
            return PUBLISHED_SIGMA[type(fit)](within_fit(g, model), fit, model)


def program(
    g: Float64[Tensor, "*shape"], model: Programming, *, g_max: float, generator: Chips
) -> Float64[Tensor, ...]:
    """max(g + sigma(g) xi, 0), xi ~ N(0, 1), independent: what the cells hold after one write, S.

    A log-normal write is g exp(s^2/2 - s xi) instead.

    Args:
        g: what is to be written, S, from 0.
        model: as for `programming_sigma`; m = 0 gives g itself.
        g_max: as for `programming_sigma`.
        generator: source of xi, on the CPU; a list of them writes as many chips, which stand in front.

    Returns:
        The shape of g, or (chips, that shape). A chip is the same alone and among others.

    Raises:
        ValueError: as for `programming_sigma`.
    """
    if isinstance(model, LogNormalProgramming):
        return log_normal_written(g, model, standard_normal(g.shape, generator))
    sigma = programming_sigma(g, model, g_max=g_max)
    return standard_normal(g.shape, generator).mul_(sigma).add_(g).clamp_(min=0.0)


def programmed_moments(
    g: Float64[Tensor, "*shape"], model: Programming, *, g_max: float
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """Mean and standard deviation of conductances after `program`, with its clamp at zero.

    With a = g / sigma, the distribution function Phi and the density phi of N(0, 1), the rectified normal variable has
    E[G] = g Phi(a) + sigma phi(a) and E[G^2] = (g^2 + sigma^2) Phi(a) + g sigma phi(a). A log-normal write has its own
    moments and needs no clamp.

    Args:
        g: as for `program`.
        model: as for `program`.
        g_max: as for `program`.

    Returns:
        Two tensors, S; of a normal write the mean is g and the deviation sigma wherever g is many sigma above zero.

    Raises:
        ValueError: as for `programming_sigma`.
    """
    if isinstance(model, LogNormalProgramming):
        return log_normal_moments(g, model)
    sigma = programming_sigma(g, model, g_max=g_max)
    # Without noise a is infinite or undefined; there the moments are those of a number.
    a = torch.where(sigma > 0, g / sigma.clamp(min=torch.finfo(g.dtype).tiny), torch.inf)
    below, density = torch.special.ndtr(a), torch.exp(-a.square() / 2) / math.sqrt(2 * math.pi)
    mean = g * below + sigma * density
    second = (g.square() + sigma.square()) * below + g * sigma * density
    return mean, (second - mean.square()).clamp(min=0.0).sqrt()
