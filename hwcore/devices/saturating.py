"""Fits whose standard deviation saturates with the current of a cell."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.spec import Published, SaturatingFit


def saturating_sigma(g: Float64[Tensor, "*shape"], fit: SaturatingFit, model: Published) -> Float64[Tensor, "*shape"]:
    """sigma_I = A (1 - exp(-I / B)), I = g V, sigma = sigma_I / V; S.

    A device that is published in currents has one read voltage V for all cells. Without V, I is the conductance.

    Args:
        g: what is to be written, or what the cells hold, S.
        fit: A and B, ampere or siemens, and the parameter V.
        model: has the parameter, V.
    """
    volts = 1.0 if fit.times is None else model.number(fit.times)
    return -fit.amplitude * torch.expm1(-(g * volts) / fit.scale) / volts
