"""The hardware's own staircase: every number becomes the nearest representable value."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor


def thresholds(values: Float[Tensor, " levels"]) -> Float[Tensor, " steps"]:
    """m_k = (v_k + v_(k+1)) / 2, where the staircase steps from one value to the next; unit of the values."""
    return (values[:-1] + values[1:]) / 2


def level_index(theta: Float[Tensor, "*shape"], steps: Float[Tensor, " steps"]) -> Int64[Tensor, "*shape"]:
    """Index of the representable value nearest to theta; exactly on a threshold the upper one.

    Args:
        theta: any shape, unit of the values.
        steps: thresholds, strictly increasing.
    """
    return torch.bucketize(theta, steps, right=True)


def hard_staircase(theta: Float[Tensor, "*shape"], values: Float[Tensor, " levels"]) -> Float[Tensor, "*shape"]:
    """The nearest of the values: the limit of the smooth staircase as its sharpness grows without bound.

    Args:
        theta: any shape, unit of the values.
        values: v_0 < ... < v_K, at least two; zero need not be among them.

    Returns:
        Shape of theta. Its gradient is zero nearly everywhere: it is for evaluation, not for training.
    """
    return values[level_index(theta, thresholds(values))]
