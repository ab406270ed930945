"""How large the largest conductance is taken to be: the scale from weights to representable values."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.quant import hard_staircase

CANDIDATES = 40
SMALLEST = 1e-12
"""A column of zeros gets this scale, so that nothing divides by zero."""


def full_range_scale(
    weights: Float64[Tensor, "outputs inputs"], values: Float64[Tensor, " values"], *, per_column: bool
) -> Float64[Tensor, " scales"]:
    """The smallest scale at which no weight is clipped: what one takes without further thought.

    s = max(max w / v_K, max -w / -v_0), over a column or the whole layer; a side without values of its sign counts
    not.

    Args:
        weights: to be represented, (out, in); any unit.
        values: normalised representable weights.
        per_column: one scale for every output, or one in all.

    Returns:
        (out,) or (1,), unit of the weights, above 0.
    """
    groups = weights if per_column else weights.reshape(1, -1)
    needed = torch.full((len(groups),), SMALLEST, dtype=torch.float64, device=weights.device)
    if values[-1] > 0:
        needed = torch.maximum(needed, groups.amax(1) / values[-1])
    if values[0] < 0:
        needed = torch.maximum(needed, groups.amin(1) / values[0])
    return needed


def least_error_scale(
    weights: Float64[Tensor, "outputs inputs"], values: Float64[Tensor, " values"], *, per_column: bool
) -> Float64[Tensor, " scales"]:
    """The scale at which rounding to the nearest representable value leaves the least squared error.

    Found among shares of `full_range_scale` from 1/40 to 1: rare large weights are clipped where that serves the
    many small ones. Arguments and result as there.
    """
    groups = weights if per_column else weights.reshape(1, -1)
    largest = full_range_scale(weights, values, per_column=per_column)
    best, least = largest, torch.full_like(largest, torch.inf)
    for share in range(1, CANDIDATES + 1):
        scale = largest * (share / CANDIDATES)
        error = (hard_staircase(groups / scale[:, None], values) * scale[:, None] - groups).square().sum(1)
        better = error < least
        best, least = torch.where(better, scale, best), torch.where(better, error, least)
    return best
