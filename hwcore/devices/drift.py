"""Drift: conductances as a power of the time since the write."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.draw import Chips, standard_normal
from hwcore.devices.fitted_range import within_fit
from hwcore.devices.logarithmic import logarithmic_moments
from hwcore.spec import Drift, LogarithmicFit, PowerLawDrift, Published

PUBLISHED_MOMENTS: Final[Mapping[type, Callable[[Tensor, Any, Published], tuple[Tensor, Tensor]]]] = {
    LogarithmicFit: logarithmic_moments
}
"""Mean and deviation of the drift exponents of a published device, by the kind of its fit."""


def exponent_moments(
    g_target: Float64[Tensor, "*shape"], model: Drift
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """Mean and standard deviation of the normal variable whose absolute value is the drift exponent, without unit.

    Args:
        g_target: what was to be written, S; a published device goes by it.
        model: the two numbers, or the fit of a published device.

    Raises:
        ValueError: conductances that a fitted model was not fitted on.
    """
    match model:
        case PowerLawDrift():
            return torch.full_like(g_target, model.exponent), torch.full_like(g_target, model.exponent_sigma)
        case _:
            fit = model.fit
            return PUBLISHED_MOMENTS[type(fit)](within_fit(g_target, model), fit, model)


def drift_exponents(g_target: Float64[Tensor, "*shape"], model: Drift, *, generator: Chips) -> Float64[Tensor, ...]:
    """nu = |mu(g) + s(g) xi|, xi ~ N(0, 1), independent: drift exponents of all devices, drawn once, without unit.

    Args:
        g_target: what was to be written, S; of a stuck cell, where it is stuck.
        model: mu and s, or the fit of a published device. mu = s = 0: no drift.
        generator: source of xi, on the CPU; a list of them draws as many chips, which stand in front.

    Raises:
        ValueError: conductances that a fitted model was not fitted on.
    """
    mean, sigma = exponent_moments(g_target, model)
    return standard_normal(g_target.shape, generator).mul_(sigma).add_(mean).abs_()


def at_time(
    g: Float64[Tensor, "*#shape"], exponent: Float64[Tensor, "*#shape"], model: Drift, *, t: float
) -> Float64[Tensor, ...]:
    """g(t) = g (t / t0)^-nu: what the cells hold at that time, S.

    Args:
        g: what they hold at t0, S.
        exponent: nu of every device, from `drift_exponents`.
        model: says t0, s. At t0 the result is g itself.
        t: time since the write, s, from t0.

    Raises:
        ValueError: a time before t0, or none at all.

    Source: the power law of structural relaxation, as in V. Joshi et al. 2020, doi:10.1038/s41467-020-16108-9.
    """
    if not model.t0 <= t < math.inf:
        raise ValueError(
            f"t: got {t:g} s; allowed: a finite time from {model.t0:g} s after the write, the t0 of {model.type}"
        )
    return g * torch.exp(exponent * -math.log(t / model.t0))
