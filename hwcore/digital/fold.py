"""Batch normalisation, folded into the digital scale and bias of each column."""

from __future__ import annotations

from jaxtyping import Float64
from torch import Tensor, nn


def fold_normalization(
    scale: Float64[Tensor, " cols"], bias: Float64[Tensor, " cols"], norm: nn.Module
) -> tuple[Float64[Tensor, " cols"], Float64[Tensor, " cols"]]:
    """gamma (s I + b - mu) / sqrt(var + eps) + beta, written as one scale and one bias on the current I.

    Args:
        scale: s of each column, any unit.
        bias: b of each column.
        norm: BatchNorm1d or BatchNorm2d with running statistics, or Identity.

    Returns:
        gamma s / sqrt(var + eps) and gamma (b - mu) / sqrt(var + eps) + beta.

    Raises:
        TypeError: another kind of module.
    """
    if isinstance(norm, nn.Identity):
        return scale, bias
    allowed = "BatchNorm1d or BatchNorm2d with running statistics, or Identity"
    if not isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
        raise TypeError(f"norm: got {type(norm).__name__}; allowed: {allowed}")
    if norm.running_mean is None or norm.running_var is None:
        raise TypeError(f"norm: got {type(norm).__name__} without running statistics; allowed: {allowed}")
    gain = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    return gain * scale, gain * (bias - norm.running_mean.double()) + norm.bias.double()
