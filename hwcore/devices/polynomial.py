"""A polynomial, coefficients of rising power, as the fits of published devices are written."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float64
from torch import Tensor


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
