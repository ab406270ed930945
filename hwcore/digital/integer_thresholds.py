"""Thresholds of an activation as whole numbers, which an accumulator is compared with."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.digital.accumulator import largest_number
from hwcore.mapping import MappedActivation
from hwcore.quant import activation_function


def integer_thresholds(activation: MappedActivation, unit: float, bits: int) -> Int64[Tensor, " steps"]:
    """T_k, the smallest number n of the accumulator with f(n unit) at or above threshold k; 2^(b-1) where none is.

    f never falls, so that the code of n is the number of thresholds at or below it. Halving finds T_k with b + 1 values
    of f, without an inverse of it.

    Args:
        activation: function, levels and thresholds.
        unit: of the numbers, without unit: the LSB 2^e of an accumulator, or the step of codes.
        bits: b, of the accumulator.

    Raises:
        ValueError: the activation has no thresholds.
    """
    if activation.thresholds is None:
        raise ValueError("activation: got no thresholds; allowed: one with levels, where it is computed with codes")
    function, wanted = activation_function(activation.function), activation.thresholds
    low = torch.full(wanted.shape, -largest_number(bits) - 1)
    high = torch.full(wanted.shape, largest_number(bits) + 1)
    for _ in range(bits + 1):
        middle = (low + high) >> 1
        reached = function(middle.double() * unit) >= wanted
        high = torch.where(reached, middle, high)
        low = torch.where(reached | (low >= high), low, (middle + 1).minimum(high))
    return high


def code_of(n: Int64[Tensor, "*shape"], thresholds: Int64[Tensor, " steps"]) -> Int64[Tensor, "*shape"]:
    """The number of thresholds at or below n.

    Args:
        n: of the accumulator.
        thresholds: none below the one before; equal ones where the LSB is coarser than a step.
    """
    return torch.bucketize(n.contiguous(), thresholds, right=True)
