"""Drift: conductances as a power of the time since the write."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.devices import pcm_joshi_2020
from hwcore.devices.draw import Chips, standard_normal
from hwcore.spec import Drift, PcmJoshi2020Drift


def drift_exponents(g_target: Float64[Tensor, "*shape"], model: Drift, *, generator: Chips) -> Float64[Tensor, ...]:
    """nu = |mu(g) + s(g) xi|, xi ~ N(0, 1), independent: how fast every device drifts, drawn once, without unit.

    Args:
        g_target: what was to be written, S; of a stuck cell, where it is stuck.
        model: mu and s, or the fit of a published device. mu = s = 0: no drift.
        generator: source of xi, on the CPU; a list of them draws as many chips, which stand in front.

    Raises:
        ValueError: conductances that a fitted model was not fitted on.
    """
    xi = standard_normal(g_target.shape, generator)
    if isinstance(model, PcmJoshi2020Drift):
        mean, sigma = pcm_joshi_2020.exponent_moments(g_target, model)
        return xi.mul_(sigma).add_(mean).abs_()
    return xi.mul_(model.exponent_sigma).add_(model.exponent).abs_()


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
