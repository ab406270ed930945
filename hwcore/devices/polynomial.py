"""Fits that are polynomials of the conductance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.spec import PolynomialFit, Published

UNITS: Final = {"S": 1.0, "uS": 1e-6}
"""Siemens of the units that coefficients are published in."""


def polynomial(x: Float64[Tensor, "*shape"], coefficients: Sequence[float]) -> Float64[Tensor, "*shape"]:
    """sum_i c_i x^i, by Horner's rule, in the unit of the coefficients.

    Args:
        x: without unit.
        coefficients: c_0, c_1, ...
    """
    value = torch.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value


def published_variable(
    g: Float64[Tensor, "*shape"], over: float | str | None, model: Published
) -> Float64[Tensor, "*shape"]:
    """x = g / `over`, or g in uS where that is None: the variable of a published fit.

    Args:
        g: S.
        over: S, or the parameter of the model that says it.
        model: has the parameter.
    """
    return g * 1e6 if over is None else g / model.number(over)


def polynomial_sigma(g: Float64[Tensor, "*shape"], fit: PolynomialFit, model: Published) -> Float64[Tensor, "*shape"]:
    """sigma = sum_i c_i x^i, times the scale of the device where x is a share of a parameter; S.

    Args:
        g: what is to be written, S, within the range of the device.
        fit: the coefficients, and what x is a share of.
        model: has the parameter; over that of the publication it is the scale, without unit.
    """
    scale = model.share_of_published(fit.over) if isinstance(fit.over, str) else 1.0
    return polynomial(published_variable(g, fit.over, model), fit.coefficients) * (UNITS[fit.unit] * scale)
