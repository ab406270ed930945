"""Rounding of whole numbers: quotients and shifts, in one of three modes."""

from __future__ import annotations

import torch
from jaxtyping import Int64
from torch import Tensor

from hwcore.spec import Rounding

MOST_SHIFT = 62
"""Bits that a 64-bit number can be shifted by, its sign kept."""


def divided(n: Int64[Tensor, "*shape"], divisor: int, rounding: Rounding) -> Int64[Tensor, "*shape"]:
    """n / d, rounded.

    Args:
        n: at most 2^62 in magnitude.
        divisor: d, from 1.
        rounding: half_away: 5 / 2 = 3 and -5 / 2 = -3; half_even: 5 / 2 = 2 and 7 / 2 = 4; down: -5 / 2 = -3.
    """
    quotient = n.div(divisor, rounding_mode="floor")
    return _rounded(quotient, n - quotient * divisor, torch.tensor(divisor), rounding)


def shifted(
    n: Int64[Tensor, "*shape"], shift: Int64[Tensor, "*columns"], rounding: Rounding
) -> Int64[Tensor, "*shape"]:
    """n / 2^s, rounded; a negative s shifts to the left, which is exact.

    Args:
        n: at most 2^62 in magnitude, after a shift to the left too.
        shift: s, at most 62, broadcast against n.
        rounding: as for `divided`.
    """
    right = shift.clamp(min=0)
    n = n << (-shift).clamp(min=0)
    quotient = n >> right
    if rounding == "down":
        return quotient
    return _rounded(quotient, n - (quotient << right), torch.ones_like(right) << right, rounding)


def _rounded(quotient: Tensor, remainder: Tensor, divisor: Tensor, rounding: Rounding) -> Tensor:
    """The quotient, rounded down so far, or the next one; 0 <= remainder < divisor."""
    if rounding == "down":
        return quotient
    twice = 2 * remainder
    # Of a tie the one away from zero is the upper one unless both are below zero.
    upper = quotient >= 0 if rounding == "half_away" else (quotient & 1).bool()
    return quotient + ((twice > divisor) | ((twice == divisor) & upper))
