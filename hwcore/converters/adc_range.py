"""The range of an ADC: from the conductances of its column, from data, or given."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.converters.adc import converted
from hwcore.spec import Adc, CalibratedRange, FullRange

CANDIDATES = 64
"""Ranges that are tried for the least squared error: shares 1/64, 2/64, ... of the largest current."""


def adc_full_scale(
    model: Adc,
    g_difference: Float[Tensor, "*tiles rows cols"],
    *,
    drive_max: float,
    drive_signed: bool,
    currents: Float[Tensor, "*tiles batch cols"] | None = None,
) -> Float[Tensor, "*tiles cols"]:
    """Full scale of every column of every tile, as the description says.

    Args:
        model: range, and bits where the range depends on them.
        g_difference: g_pos - g_neg as designed, S.
        drive_max: largest drive of a word line, in the unit of the drives.
        drive_signed: whether drives go from -drive_max, or from 0.
        currents: of the data that a range is calibrated on; only for `calibrated`.

    Returns:
        In the unit of drive times conductance, from 0.

    Raises:
        ValueError: a range that is calibrated, and no data.
    """
    match model.range:
        case FullRange():
            return largest_current(g_difference, drive_max=drive_max, drive_signed=drive_signed)
        case CalibratedRange(percentile=percentile):
            if currents is None:
                raise ValueError("currents: got None; allowed: those of the data that the range is calibrated on")
            if percentile is not None:
                return percentile_range(currents, percentile)
            return least_error_range(currents, model.bits)
        case given:
            cols = g_difference[..., 0, :]
            return torch.full_like(cols, given.full_scale * drive_max)


def largest_current(
    g_difference: Float[Tensor, "*tiles rows cols"], *, drive_max: float, drive_signed: bool
) -> Float[Tensor, "*tiles cols"]:
    """Largest |I_j| that any input gives: x_max max(sum_i d_ij+, sum_i d_ij-), with signed inputs x_max sum_i |d_ij|.

    Args:
        g_difference: d = g_pos - g_neg, S; or the conductances of one column.
        drive_max: x_max, largest drive of a word line.
        drive_signed: whether drives go from -x_max, or from 0.

    Returns:
        In the unit of drive times conductance.
    """
    positive, negative = g_difference.clamp(min=0).sum(-2), (-g_difference).clamp(min=0).sum(-2)
    largest = positive + negative if drive_signed else torch.maximum(positive, negative)
    return largest * drive_max


def percentile_range(currents: Float[Tensor, "*tiles batch cols"], percentile: float) -> Float[Tensor, "*tiles cols"]:
    """The smallest |I_j| of the data that at least this percentage of them does not exceed (nearest rank).

    Args:
        currents: of the data, any unit; at least one.
        percentile: above 0, to 100: the largest.

    Returns:
        Same unit.
    """
    rank = max(1, math.ceil(percentile / 100 * currents.shape[-2] - 1e-9))
    return currents.abs().kthvalue(rank, dim=-2).values


def least_error_range(currents: Float[Tensor, "*tiles batch cols"], bits: int | None) -> Float[Tensor, "*tiles cols"]:
    """The range with the least mean of (ADC(I_j) - I_j)^2 over the data: fine steps against clipping.

    Of 64 shares of the largest |I_j| of the column; of equal ones the largest.

    Args:
        currents: of the data, any unit; at least one.
        bits: of the converter; None: the largest current.

    Returns:
        Same unit.
    """
    largest = currents.abs().amax(-2)
    if bits is None:
        return largest
    best, least = largest, torch.full_like(largest, torch.inf)
    for k in range(CANDIDATES, 0, -1):
        candidate = largest * (k / CANDIDATES)
        error = converted(currents, candidate, bits).sub_(currents).square_().mean(-2)
        better = error < least
        best, least = torch.where(better, candidate, best), torch.where(better, error, least)
    return best
