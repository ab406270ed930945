"""Mean and standard deviation of the share of a conductance that is left after drift, in closed form."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.drift import exponent_moments
from hwcore.spec import Drift


def drift_moments(
    g_target: Float64[Tensor, "*shape"], model: Drift, *, t: float
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """Mean and standard deviation of f = (t / t0)^-nu over devices, nu = |mu + s xi|, xi ~ N(0, 1); without unit.

    With L = ln(t / t0) and the distribution function Phi of N(0, 1), nu is a folded normal variable and
    E[exp(-L nu)] = exp(L^2 s^2 / 2) (exp(-L mu) Phi(mu / s - L s) + exp(L mu) Phi(-mu / s - L s));
    E[f^2] is the same of 2 L.

    Args:
        g_target: what was to be written, S; mu and s of a published device are functions of it.
        model: mu and s, or the fit of a published device, and t0, s.
        t: time since the write, s, from t0. At t0 the mean is 1 and the deviation 0.

    Returns:
        Two tensors; the mean within (0, 1].

    Raises:
        ValueError: a time before t0 or none at all, or conductances that a fitted model was not fitted on.

    Source: F. C. Leone, L. S. Nelson, R. B. Nottingham 1961, doi:10.1080/00401706.1961.10489974 (the folded normal
    distribution).
    """
    if not model.t0 <= t < math.inf:
        raise ValueError(
            f"t: got {t:g} s; allowed: a finite time from {model.t0:g} s after the write, the t0 of {model.type}"
        )
    mu, s = exponent_moments(g_target, model)
    e_folds = math.log(t / model.t0)
    mean = _folded(mu, s, e_folds)
    return mean, (_folded(mu, s, 2 * e_folds) - mean.square()).clamp(min=0.0).sqrt()


def _folded(mu: Tensor, s: Tensor, rate: float) -> Tensor:
    """E[exp(-rate |mu + s xi|)], its two halves as sums of exponents: neither factor of a half may overflow."""
    spread = s.clamp(min=torch.finfo(s.dtype).tiny)
    halves = (
        torch.exp(rate**2 * s.square() / 2 - sign * rate * mu + torch.special.log_ndtr(sign * mu / spread - rate * s))
        for sign in (1, -1)
    )
    return torch.where(s > 0, sum(halves), torch.exp(-rate * mu))
