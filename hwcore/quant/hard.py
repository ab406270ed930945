"""The hardware's own staircase: every number becomes the nearest representable value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64, Real
from torch import Tensor

from hwcore.quant.nearest_point import nan_kept, nearest_point


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


def rounded_up(steps: Float64[Tensor, " steps"], dtype: torch.dtype) -> Float[Tensor, " steps"] | None:
    """Thresholds in a narrower dtype that every number of that dtype reaches if and only if it reaches those given.

    Returns:
        The nearest numbers of the dtype that are not below; None where two thresholds become the same number.
    """
    narrow = steps.to(dtype)
    narrow = torch.where(narrow.to(steps.dtype) < steps, narrow.nextafter(torch.full_like(narrow, torch.inf)), narrow)
    return narrow if bool((narrow.diff() > 0).all()) else None


FEW_STEPS, SOME_STEPS = 12, 32
"""Numbers of steps: up to the first comparing with every step is fastest, up to the second faster than to search."""
PER_POINT = 4
"""Numbers for every point of the table of `_placed_count`, at least: it has to be made first."""
MOST_POINTS = 1 << 14
"""Points of that table: where the steps are so uneven that it takes more, it is not used."""


def level_index(theta: Float[Tensor, "*shape"], steps: Float[Tensor, " steps"]) -> Int64[Tensor, "*shape"]:
    """Index of the representable value nearest to theta; exactly on a threshold the upper one.

    Args:
        theta: any shape, unit of the values. A NaN has no nearest value, and any index.
        steps: thresholds, strictly increasing, dtype of theta.
    """
    return _count(theta.detach(), steps.detach()).long()


def _count(theta: Float[Tensor, "*shape"], steps: Float[Tensor, " steps"]) -> Real[Tensor, "*shape"]:
    """Number of steps at or below theta, in whatever dtype it is found in."""
    if len(steps) > FEW_STEPS and theta.dtype == steps.dtype and theta.device.type == "cpu":
        table = _step_table(steps, most=min(theta.numel() // PER_POINT, MOST_POINTS))
        if table is not None:
            return _placed_count(theta, table)
    if len(steps) > SOME_STEPS:
        # bucketize would copy a transposed tensor as well, and warn.
        return torch.bucketize(theta.contiguous(), steps, right=True)
    # Comparing is vectorised and searching is not: several times as fast for a handful of steps, and the same index
    # for every number.
    reached, count = torch.empty_like(theta, dtype=torch.bool), torch.zeros_like(theta, dtype=torch.uint8)
    for step in steps.unbind():
        count += torch.ge(theta, step, out=reached)
    return count


@dataclass(frozen=True)
class _StepTable:
    """An even grid so fine that no number nearest to one of its points has two steps to choose from.

    Attributes:
        offset: where 0 lies on the grid, which runs from -1 to 1.
        per_half: halves of the grid per unit of the steps.
        below: steps that are below every number nearest to a point.
        step: the one that is near the point; NaN, which no number reaches, where there is none.
    """

    offset: float
    per_half: float
    below: Float[Tensor, " points"]
    step: Float[Tensor, " points"]


def _step_table(steps: Float[Tensor, " steps"], *, most: int) -> _StepTable | None:
    """The grid for some steps, two or more; None where it had too many points, or places too coarse to be exact."""
    s, limits = steps.double().numpy(), torch.finfo(steps.dtype)
    # A step near a point lies within one grid step of it, and another one is four grid steps away.
    fine = float(np.diff(s).min()) / 4
    start, stop = float(s[0]) - 2 * fine, float(s[-1]) + 2 * fine
    if not fine > 0 or not (stop - start) / fine < most:
        return None
    points = math.ceil((stop - start) / fine) + 1
    # A place is exact to a few ulp of its largest term; half a grid step is to spare.
    if limits.eps * (points + max(abs(start), abs(stop)) / fine) > 1 / 32:
        return None
    per_half = 2 / (fine * (points - 1))
    if not limits.tiny < per_half < limits.max:
        return None
    x = start + fine * np.arange(points)
    below = np.searchsorted(s, x - fine, side="right")
    following = np.append(s, np.inf)[below]
    return _StepTable(
        -1 - start * per_half,
        per_half,
        torch.from_numpy(below).to(steps.dtype),
        torch.from_numpy(np.where(following <= x + fine, following, np.nan)).to(steps.dtype),
    )


def _placed_count(theta: Float[Tensor, "*shape"], table: _StepTable) -> Float[Tensor, "*shape"]:
    """Find the step by one read of the nearest grid point and one comparison, whatever the number of steps."""
    place = torch.add(torch.full((), table.offset, dtype=theta.dtype), theta, alpha=table.per_half)
    count = nearest_point(table.below, place)
    # 1 where it is reached, in the dtype that it is added in.
    return count.add_(nearest_point(table.step, place).le_(theta))


def nearest_value(
    theta: Float[Tensor, "*shape"], steps: Float[Tensor, " steps"], values: Float[Tensor, " levels"]
) -> Float[Tensor, "*shape"]:
    """The value at `level_index` of each theta; NaN, which has no nearest value, stays NaN.

    Args:
        theta: any shape, unit of the steps.
        steps: thresholds, strictly increasing, dtype of theta.
        values: one more than steps, in any order and unit.

    Returns:
        Shape of theta, dtype of the values; no gradient flows into theta.
    """
    theta = theta.detach()
    count = _count(theta, steps.detach())
    if not values.is_cpu:
        return nan_kept(values.take(count.long()), theta)
    # The image sampler reads several values at once, and so finds them in a fraction of the time that `take` does.
    place = count.to(values.dtype).mul_(2 / (len(values) - 1)).sub_(1)
    return nan_kept(nearest_point(values, place), theta)


def hard_staircase(theta: Float[Tensor, "*shape"], values: Float[Tensor, " levels"]) -> Float[Tensor, "*shape"]:
    """The nearest of the values: the limit of the smooth staircase as its sharpness grows without bound.

    Args:
        theta: any shape, unit of the values.
        values: v_0 < ... < v_K, at least two; zero need not be among them.

    Returns:
        Shape of theta; NaN stays NaN. Its gradient is zero nearly everywhere: it is for evaluation, not for training.
    """
    return nearest_value(theta, thresholds(values), values)
