"""The hardware's own staircase: every number becomes the nearest representable value."""

from __future__ import annotations

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor


def thresholds(values: Float[Tensor, " levels"]) -> Float[Tensor, " steps"]:
    """m_k = (v_k + v_(k+1)) / 2, where the staircase steps from one value to the next; unit of the values."""
    return (values[:-1] + values[1:]) / 2


TIE = 1e-9
"""Share of a step below a threshold that still counts as on it, wherever the chip's own values are decided."""


def decision_thresholds(values: Float64[Tensor, " levels"]) -> Float64[Tensor, " steps"]:
    """m_k - 1e-9 (v_(k+1) - v_k): thresholds at which rounding does not decide a tie.

    With few levels exact ties are common: a sum of products of levels is zero, say, where tanh has a threshold. Two
    ways to add the same numbers differ there by 1e-16, on either side of m_k but on one side of this.
    """
    return thresholds(values) - TIE * values.diff()


FEW_STEPS = 32
"""Up to so many steps it is faster to compare with each of them than to search."""


def level_index(theta: Float[Tensor, "*shape"], steps: Float[Tensor, " steps"]) -> Int64[Tensor, "*shape"]:
    """Index of the representable value nearest to theta; exactly on a threshold the upper one.

    Args:
        theta: any shape, unit of the values.
        steps: thresholds, strictly increasing.
    """
    if len(steps) > FEW_STEPS:
        # bucketize would copy a transposed tensor as well, and warn.
        return torch.bucketize(theta.contiguous(), steps, right=True)
    # Comparing is vectorised and searching is not: several times as fast for a handful of steps, and the same index
    # for every number (a NaN has none).
    theta = theta.detach()
    reached, count = torch.empty_like(theta, dtype=torch.bool), torch.zeros_like(theta, dtype=torch.uint8)
    for step in steps.detach().unbind():
        count += torch.ge(theta, step, out=reached)
    return count.long()


def hard_staircase(theta: Float[Tensor, "*shape"], values: Float[Tensor, " levels"]) -> Float[Tensor, "*shape"]:
    """The nearest of the values: the limit of the smooth staircase as its sharpness grows without bound.

    Args:
        theta: any shape, unit of the values.
        values: v_0 < ... < v_K, at least two; zero need not be among them.

    Returns:
        Shape of theta. Its gradient is zero nearly everywhere: it is for evaluation, not for training.
    """
    return values[level_index(theta, thresholds(values))]
