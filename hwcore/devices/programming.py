"""Programming noise: the error of a write, drawn once per cell and write."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.spec import AdditiveProgramming, Programming


def program(
    g: Float64[Tensor, "*shape"], model: Programming, *, g_max: float, generator: torch.Generator
) -> Float64[Tensor, "*shape"]:
    """additive: g + m g_max xi. proportional: g (1 + m xi). xi ~ N(0, 1), independent; never below 0.

    Args:
        g: what is to be written, S, from 0.
        model: its kind and m, without unit, 0 to 1.
        g_max: largest conductance of this component, S; it scales the additive noise.
        generator: source of xi, on the CPU.

    Returns:
        What the cells hold, S, from 0. m = 0 gives g itself.

    Source: none in particular; these are the two simplest models, not fitted to a device.

    """
    xi = torch.randn(g.shape, dtype=torch.float64, generator=generator)
    spread = g_max if isinstance(model, AdditiveProgramming) else g
    return (g + model.sigma_ratio * spread * xi).clamp_(min=0.0)
