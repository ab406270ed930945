"""Scale from weights to representable values: the weight that the largest conductance stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.quant import hard_staircase

ScaleRule = Literal["full_range", "full_range_of_layer", "least_error"]
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
    return torch.stack(_sides(groups, values)).amax(0)


def full_range_of_layer_scale(
    weights: Float64[Tensor, "outputs inputs"], values: Float64[Tensor, " values"], *, per_column: bool
) -> Float64[Tensor, " scales"]:
    """The smallest scale at which no weight of the layer is clipped, for each of its columns.

    The largest weight of a layer is at g_max, and columns of small weights are the noisier for it: what a tool without
    scales of columns has. Arguments and result as of `full_range_scale`.
    """
    whole = full_range_scale(weights, values, per_column=False)
    return whole.expand(len(weights)).clone() if per_column else whole


def least_error_scale(
    weights: Float64[Tensor, "outputs inputs"], values: Float64[Tensor, " values"], *, per_column: bool
) -> Float64[Tensor, " scales"]:
    """The scale at which rounding to the nearest representable value leaves the least squared error.

    Found among shares of `full_range_scale` from 1/40 to 1: rare large weights are clipped where that serves the
    many small ones. Where the values of one sign are next to nothing beside those of the other, the weights of that
    sign may be clipped as a whole: then shares of what the other sign asks for are tried as well, and no scale is more
    than 40 times what the largest weight would ask for on the stronger side. Noise of weights goes with the largest
    value, so that beyond that it would bury what such a column holds. Arguments and result as there.
    """
    groups = weights if per_column else weights.reshape(1, -1)
    one, other = _sides(groups, values)
    most = (CANDIDATES * groups.abs().amax(1) / values.abs().max()).clamp(min=SMALLEST)
    largest, smaller = torch.minimum(torch.maximum(one, other), most), torch.minimum(one, other)
    # A side without values or weights of its sign asks for nothing: a share of that would be a column of zeros.
    smaller = torch.where(smaller > SMALLEST, smaller, largest)
    best, least = largest, torch.full_like(largest, torch.inf)
    shares = torch.arange(1, CANDIDATES + 1, dtype=torch.float64, device=weights.device) / CANDIDATES
    candidates = [largest * share for share in shares]
    if bool((smaller < largest / CANDIDATES).any()):
        candidates += [smaller * share for share in shares]
    for scale in candidates:
        error = (hard_staircase(groups / scale[:, None], values) * scale[:, None] - groups).square().sum(1)
        better = error < least
        best, least = torch.where(better, scale, best), torch.where(better, error, least)
    return best


def _sides(
    groups: Float64[Tensor, "scales weights"], values: Float64[Tensor, " values"]
) -> tuple[Float64[Tensor, " scales"], Float64[Tensor, " scales"]]:
    """The smallest scales at which no weight above 0, and none below it, is clipped; `SMALLEST` where there is none."""
    least = torch.full((len(groups),), SMALLEST, dtype=torch.float64, device=groups.device)
    above = torch.maximum(least, groups.amax(1) / values[-1]) if values[-1] > 0 else least
    below = torch.maximum(least, groups.amin(1) / values[0]) if values[0] < 0 else least
    return above, below


SCALES: Final[Mapping[ScaleRule, Callable[..., Float64[Tensor, " scales"]]]] = {
    "full_range": full_range_scale,
    "full_range_of_layer": full_range_of_layer_scale,
    "least_error": least_error_scale,
}
"""Functions of the rules."""
