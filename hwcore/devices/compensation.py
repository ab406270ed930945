"""Drift compensation: a digital factor on the outputs, from one look at a known response."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.spec import Compensation


def compensation_factor(
    at_t0: Float[Tensor, "*tiles batch cols"], now: Float[Tensor, "*tiles batch cols"], rule: Compensation
) -> Float[Tensor, "*tiles cols"]:
    """mean |response at t0| / mean |response now|, of each tile or of each of its columns.

    Args:
        at_t0: outputs of every tile for some inputs, when drift begins; any unit.
        now: those of the same inputs at the time of the product, same unit.
        rule: none: 1 everywhere; per_tile: the means go over inputs and columns; per_column: over the inputs.

    Returns:
        What the outputs of a column are multiplied by, without unit, from 0. Where nothing is left of a response there
        is nothing to scale: 1.

    Source: one factor per tile: V. Joshi et al. 2020, doi:10.1038/s41467-020-16108-9.
    """
    if rule == "none":
        return torch.ones_like(now[..., 0, :])
    over = (-2, -1) if rule == "per_tile" else (-2,)
    before, after = (response.abs().mean(over, keepdim=True) for response in (at_t0, now))
    factor = torch.where(after > 0, before / after, 1.0)
    return factor.squeeze(-2).expand(now[..., 0, :].shape)
