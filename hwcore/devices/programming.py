"""Programming noise: the error of a write, drawn once per cell and write."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.spec import AdditiveProgramming, Programming


def programming_sigma(g: Float64[Tensor, "*shape"], model: Programming, *, g_max: float) -> Float64[Tensor, "*shape"]:
    """Standard deviation of a write. additive: m g_max. proportional: m g.

    This is the one door through which a model of programming noise comes in: a chip is drawn with it, and training
    takes its moments from it.

    Args:
        g: what is to be written, S, from 0.
        model: its kind and m, without unit, 0 to 1.
        g_max: largest conductance of this component, S; it scales the additive noise.

    Returns:
        S, from 0.

    Source: none in particular; these are the two simplest models, not fitted to a device.
    """
    if isinstance(model, AdditiveProgramming):
        return torch.full_like(g, model.sigma_ratio * g_max)
    return model.sigma_ratio * g


def program(
    g: Float64[Tensor, "*shape"], model: Programming, *, g_max: float, generator: torch.Generator
) -> Float64[Tensor, "*shape"]:
    """max(g + sigma(g) xi, 0), xi ~ N(0, 1), independent: what the cells hold after one write, S.

    Args:
        g: what is to be written, S, from 0.
        model: as for `programming_sigma`; m = 0 gives g itself.
        g_max: as for `programming_sigma`.
        generator: source of xi, on the CPU.
    """
    xi = torch.randn(g.shape, dtype=torch.float64, generator=generator)
    return xi.mul_(programming_sigma(g, model, g_max=g_max)).add_(g).clamp_(min=0.0)


def programmed_moments(
    g: Float64[Tensor, "*shape"], model: Programming, *, g_max: float
) -> tuple[Float64[Tensor, "*shape"], Float64[Tensor, "*shape"]]:
    """Mean and standard deviation of what `program` leaves, its clamp at zero included.

    With a = g / sigma, the distribution function Phi and the density phi of N(0, 1), the rectified normal variable has
    E[G] = g Phi(a) + sigma phi(a) and E[G^2] = (g^2 + sigma^2) Phi(a) + g sigma phi(a).

    Args:
        g: as for `program`.
        model: as for `program`.
        g_max: as for `program`.

    Returns:
        Two tensors, S; the mean is g and the deviation sigma wherever g is many sigma above zero.
    """
    sigma = programming_sigma(g, model, g_max=g_max)
    # Without noise a is infinite or undefined; there the moments are those of a number.
    a = torch.where(sigma > 0, g / sigma.clamp(min=torch.finfo(g.dtype).tiny), torch.inf)
    below, density = torch.special.ndtr(a), torch.exp(-a.square() / 2) / math.sqrt(2 * math.pi)
    mean = g * below + sigma * density
    second = (g.square() + sigma.square()) * below + g * sigma * density
    return mean, (second - mean.square()).clamp(min=0.0).sqrt()
