"""The straight-through estimator: the method to beat, held beside the smooth staircase in every comparison."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.quant.hard import hard_staircase
from hwcore.quant.nearest_point import may_hold_nan


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, theta: Tensor, values: Tensor) -> Tensor:
        passes = (theta >= values[0]) & (theta <= values[-1])
        if may_hold_nan(theta):
            passes = torch.where(theta.isnan(), torch.nan, passes.to(theta.dtype))
        ctx.save_for_backward(passes)
        return hard_staircase(theta, values)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        (passes,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return grad_outputs[0] * passes, None


def straight_through(theta: Float[Tensor, "*shape"], values: Float[Tensor, " levels"]) -> Float[Tensor, "*shape"]:
    """Hard values forwards; backwards the gradient passes unchanged within [v_0, v_K] and is zero outside.

    NaN stays NaN, in value and gradient.

    Args:
        theta: any shape, unit of the values.
        values: v_0 < ... < v_K.

    Source: Y. Bengio, N. Leonard, A. Courville 2013, arXiv:1308.3432.
    """
    result: Tensor = _StraightThrough.apply(theta, values)  # type: ignore[no-untyped-call]
    return result
