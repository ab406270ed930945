"""The smooth staircase as written in the paper: the reference that every faster form has to match."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.quant.hard import thresholds


def smooth_staircase(
    theta: Float[Tensor, "*shape"], values: Float[Tensor, " levels"], sharpness: float
) -> Float[Tensor, "*shape"]:
    """W(theta) = v_0 + sum_k (v_(k+1) - v_k) sigmoid(beta_k (theta - m_k)), differentiable by autograd.

    The step k has width d_k = v_(k+1) - v_k, its middle m_k = (v_k + v_(k+1)) / 2 and its own beta_k = sharpness / d_k,
    so that narrow and wide steps harden together. Costs O(K) per element, in time and in memory.

    Args:
        theta: any shape, unit of the values.
        values: v_0 < ... < v_K, at least two.
        sharpness: steepness in units of 1/step, above 0; to infinity this is `hard_staircase`.

    Returns:
        Shape of theta, strictly between v_0 and v_K.

    Source: B. Obradovic et al. 2018, arXiv:1809.04982.
    """
    width = values.diff()
    rise = torch.sigmoid((theta.unsqueeze(-1) - thresholds(values)) * (sharpness / width))
    return values[0] + (rise * width).sum(-1)


def smooth_slope(
    theta: Float[Tensor, "*shape"], values: Float[Tensor, " levels"], sharpness: float
) -> Float[Tensor, "*shape"]:
    """dW/dtheta = sum_k (v_(k+1) - v_k) beta_k s_k (1 - s_k), s_k = sigmoid(beta_k (theta - m_k)); without unit.

    With beta_k = sharpness / (v_(k+1) - v_k) the widths cancel and each step adds at most sharpness / 4.
    Arguments as for `smooth_staircase`.
    """
    rise = torch.sigmoid((theta.unsqueeze(-1) - thresholds(values)) * (sharpness / values.diff()))
    return sharpness * (rise * (1 - rise)).sum(-1)
