"""The smooth staircase read from a fine table: one read per element, whatever the number and spacing of the levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from hwcore.quant.nearest_point import may_hold_nan, memory_order, nearest_point

TAIL = 14.0
"""Arguments of the logistic function beyond this are its limits, to 1e-6 of a step."""
POINTS_PER_WIDTH = 16
"""Table points per 1/beta of the narrowest step, as long as the table stays within its bounds."""
FEWEST_POINTS, MOST_POINTS = 1 << 12, 1 << 14
MOST_LEVELS = 1 << 12
"""Values of the smooth form: of more, it keeps those nearest to an even grid, as it could not resolve the others."""
FEWEST_PER_WIDTH = 4
"""A step is never sharper than this many points per 1/beta: where the table cannot resolve it, it is softened."""
SMALLEST_UNIT = 1e-30
"""Smallest full scale whose reciprocal is formed: below it, single precision might make it infinite."""


@dataclass(frozen=True)
class SampledStaircase:
    """Value and slope of one smooth staircase on an even grid; `__call__` reads the nearest point.

    The value is off by at most half a grid step times the slope. With 16 points per 1/beta of the narrowest step and
    equal steps, of slope up to 1 + sharpness / 4, that is 1/(32 sharpness) + 1/128 of a step.
    Value and slope are read at the same point, so the gradient is that of the smooth staircase itself. With a hardness
    above 0 the value has its share of the hard steps, and the slope still is that of the smooth staircase alone.

    Attributes:
        start: theta of the first point, unit of the values.
        per_unit: points per unit of theta.
        value: W at the points, dtype of the training.
        slope: dW/dtheta at the points.
    """

    start: float
    per_unit: float
    value: Float[Tensor, " points"]
    slope: Float[Tensor, " points"]

    @staticmethod
    def build(
        values: Float64[Tensor, " levels"],
        sharpness: float,
        *,
        heights: Float64[Tensor, " levels"] | None = None,
        hardness: float = 0.0,
        dtype: torch.dtype,
        device: torch.device,
    ) -> SampledStaircase:
        """Sample `smooth_staircase` in float64 and keep it in `dtype`.

        Each step touches only the points within its own tails, so the cost is that of the table and not
        points x levels.

        Args:
            values: v_0 < ... < v_K.
            sharpness: in units of 1/step, above 0.
            heights: h_0, ..., h_K, in any order: what the staircase goes through instead of the values, with the same
                steps at the same places, H(theta) = h_0 + sum_k (h_(k+1) - h_k) sigma(beta_k (theta - m_k)).
            hardness: share h of the hard staircase in the value, 0 to 1: (1 - h) W + h W_hard. The slope stays W'.
            dtype: of the training.
            device: of the training.
        """
        # A few thousand points: numpy's calls cost a fraction of torch's, and a table is built at every stage.
        v = values.cpu().numpy()
        h = v if heights is None else heights.cpu().numpy()
        if len(v) > MOST_LEVELS:
            kept = _thinned(v)
            v, h = v[kept], h[kept]
        width, middle = np.diff(v), (v[:-1] + v[1:]) / 2
        # Beyond the ends only the tails of the steps are left; the widest step has the longest one, unless a step at
        # the end is one that has to be softened.
        reach = max(TAIL * width.max() / sharpness, TAIL * FEWEST_PER_WIDTH / (MOST_POINTS // 2) * (v[-1] - v[0]))
        start, stop = float(v[0] - reach), float(v[-1] + reach)
        wanted = POINTS_PER_WIDTH * sharpness * (stop - start) / float(width.min())
        points = int(min(max(math.ceil(wanted), FEWEST_POINTS), MOST_POINTS))
        per_unit = (points - 1) / (stop - start)
        theta = np.linspace(start, stop, points)
        beta = np.minimum(sharpness / width, per_unit / FEWEST_PER_WIDTH)

        first = np.ceil((middle - TAIL / beta - start) * per_unit).astype(np.int64).clip(0, points - 1)
        last = np.floor((middle + TAIL / beta - start) * per_unit).astype(np.int64).clip(0, points - 1)
        count = (last - first + 1).clip(min=0)
        # One entry for each point within the tails of each step, step after step.
        point = np.arange(count.sum()) + np.repeat(first - (np.cumsum(count) - count), count)
        away = theta[point] - np.repeat(middle, count)
        # sigma(x) = (1 + tanh(x/2)) / 2 and sigma' = (1 - tanh^2(x/2)) / 4: numpy vectorises tanh.
        tanh = np.tanh(np.repeat(beta / 2, count) * away)

        height = np.diff(h)
        value = h[np.searchsorted(middle, theta, side="right")]
        if hardness < 1:
            soft = np.repeat((1.0 - hardness) / 2 * height, count)
            value += np.bincount(point, soft * (tanh - np.copysign(1.0, away)), points)
        slope = np.bincount(point, np.repeat(height * beta / 4, count) * (1.0 - tanh * tanh), points)
        return SampledStaircase(
            start, per_unit, torch.from_numpy(value).to(device, dtype), torch.from_numpy(slope).to(device, dtype)
        )

    def __call__(
        self, theta: Float[Tensor, "*shape"], plus: tuple[float, Float[Tensor, "*shape"]] | None = None
    ) -> Float[Tensor, "*shape"]:
        """W(theta), differentiable in theta; beyond the grid the value of its end, and NaN for NaN.

        Args:
            theta: any shape, unit of the values.
            plus: a factor and a tensor of that shape: their product is added in the same pass.
        """
        result: Tensor = _Read.apply(theta, self, plus)  # type: ignore[no-untyped-call]
        return result

    def scaled(self, x: Float[Tensor, "*shape"], full_scale: Float[Tensor, ""]) -> Float[Tensor, "*shape"]:
        """r W(x / r) in one read, differentiable in x and in the full scale r, above 0.

        With y = r W(x / r): dy/dx = W'(x / r), and dy/dr = y / r - (x / r) W'(x / r).
        """
        result: Tensor = _ReadScaled.apply(x, full_scale, self)  # type: ignore[no-untyped-call]
        return result

    def place(self, theta: Float[Tensor, "*shape"], unit: float = 1.0) -> Float[Tensor, "*shape"]:
        """Return the position of theta / unit on the grid: -1 at its first point, 1 at its last one."""
        placed: Tensor = torch.add(self.offset, theta, alpha=self.per_half / unit)
        return placed

    @cached_property
    def per_half(self) -> float:
        """Halves of the grid per unit of theta: the unit of places."""
        return 2.0 * self.per_unit / (len(self.value) - 1)

    @cached_property
    def offset(self) -> Float[Tensor, ""]:
        """Position of theta = 0 on the grid."""
        return torch.full((), -1.0 - self.start * self.per_half, dtype=self.value.dtype, device=self.value.device)


def _thinned(values: Float64[np.ndarray, " levels"]) -> Int64[np.ndarray, " fewer"]:
    even = np.linspace(values[0], values[-1], MOST_LEVELS)
    kept: Int64[np.ndarray, " fewer"] = np.unique(np.searchsorted((values[:-1] + values[1:]) / 2, even, side="right"))
    return kept


def above_zero(full_scale: Float[Tensor, ""]) -> Float[Tensor, ""]:
    """The full scale, or the smallest normal number where it has come to nothing: nothing over nothing is NaN."""
    return full_scale.clamp(min=torch.finfo(full_scale.dtype).tiny)


def _read(points: Tensor, place: Tensor, *, nan: bool) -> Tensor:
    """The nearest points; where there may be a NaN among the places, it stays one."""
    found = nearest_point(points, place)
    return torch.where(place.isnan(), torch.nan, found) if nan else found


class _Read(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx,
        theta: Tensor,
        table: SampledStaircase,
        plus: tuple[float, Tensor] | None,
    ) -> Tensor:
        place = table.place(theta)
        ctx.save_for_backward(place)
        ctx.table, ctx.nan = table, may_hold_nan(place)  # type: ignore[attr-defined]
        value = _read(table.value, place, nan=ctx.nan)  # type: ignore[attr-defined]
        return value if plus is None else value.add_(plus[1], alpha=plus[0])

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *grad_outputs: Tensor) -> tuple[Tensor, None, None]:
        (place,) = ctx.saved_tensors  # type: ignore[attr-defined]
        table: SampledStaircase = ctx.table  # type: ignore[attr-defined]
        return _read(table.slope, place, nan=ctx.nan).mul_(grad_outputs[0]), None, None  # type: ignore[attr-defined]


class _ReadScaled(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: torch.autograd.function.FunctionCtx, x: Tensor, full_scale: Tensor, table: SampledStaircase
    ) -> Tensor:
        # On the CPU the full scale is at hand as a number, which saves a pass; elsewhere asking for it would wait.
        # One that a training gone wrong has left at (almost) nothing has no reciprocal, and a tensor may divide by it.
        at_hand = x.device.type == "cpu" and float(full_scale) > SMALLEST_UNIT
        place = table.place(x, float(full_scale)) if at_hand else table.place(x / above_zero(full_scale))
        ctx.table, ctx.nan = table, may_hold_nan(place)  # type: ignore[attr-defined]
        y = _read(table.value * full_scale, place, nan=ctx.nan)  # type: ignore[attr-defined]
        # A full scale that is not learned asks for neither x nor y.
        ctx.save_for_backward(place, *((x, y, full_scale) if ctx.needs_input_grad[1] else ()))  # type: ignore[attr-defined]
        return y

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *grad_outputs: Tensor) -> tuple[Tensor, Tensor | None, None]:
        place, *scaled = ctx.saved_tensors  # type: ignore[attr-defined]
        table: SampledStaircase = ctx.table  # type: ignore[attr-defined]
        (grad,) = grad_outputs
        grad_x = _read(table.slope, place, nan=ctx.nan).mul_(grad)  # type: ignore[attr-defined]
        if not scaled:
            return grad_x, None, None
        x, y, full_scale = scaled
        return grad_x, (_dot(grad, y) - _dot(grad_x, x)) / full_scale, None


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """Sum of the products of all elements; of two that lie alike in memory in the order of memory, without a copy."""
    order = memory_order(a) if a.stride() == b.stride() else None
    if order is not None:
        a, b = a.permute(order), b.permute(order)
    return torch.dot(a.reshape(-1), b.reshape(-1))
