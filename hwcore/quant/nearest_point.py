"""Reading a table at many places at once: the pass that the cost of hardware-aware training hangs on."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

_NEAREST, _BORDER = 1, 1  # torch's numbers for the kinds of interpolation and padding


def nearest_point(points: Float[Tensor, " points"], place: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """The point nearest to each place; beyond the ends the end, and for a NaN the first point.

    What is found lies in memory as the places do, channels last if they do: to turn it costs as much as to read it.

    A table is an image one pixel high, and reading it is what torch's image sampler does: it turns a place into an
    index, clamps, and gathers in one vectorised pass without a tensor of indices. The sampler runs one thread for
    each image of a batch, so the places are cut into as many parts as there are threads; the parts share the table.

    Args:
        points: the table.
        place: -1 is the first point, 1 the last one; dtype of the points, no gradient flows through it.
    """
    if place.numel() == 0:
        return torch.empty_like(place)
    order = memory_order(place)
    laid = place if order is None else place.permute(order)
    parts, numbers = _parts(place.numel()), place.numel()
    laid = laid.contiguous()
    # The table has one row, so its vertical coordinate may be anything: the horizontal one serves, without a copy.
    each = numbers // parts
    grid = laid.as_strided((parts, 1, each, 2), (each, each, 1, 0))
    image = points.expand(parts, 1, 1, len(points))
    found = torch.grid_sampler_2d(image, grid, _NEAREST, _BORDER, True).view(laid.shape)
    return found if order is None else found.permute([order.index(axis) for axis in range(place.ndim)])


def memory_order(x: Float[Tensor, "*shape"]) -> list[int] | None:
    """Order of the axes in which the numbers lie one after another in memory; None: as they are, or in no order."""
    if x.is_contiguous():
        return None
    order = sorted(range(x.ndim), key=x.stride, reverse=True)
    return order if x.permute(order).is_contiguous() else None


def nan_kept(found: Float[Tensor, "*shape"], place: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Keep NaN: return the value found for each place, and NaN for a place that is NaN."""
    return torch.where(place.isnan(), torch.nan, found) if may_hold_nan(place) else found


def may_hold_nan(x: Float[Tensor, "*shape"]) -> bool:
    """Tell whether a tensor may hold a NaN, at the cost of reading it once; never False where there is one.

    A sum is NaN if any number is. Off the CPU it would have to be waited for, and the answer is True.
    """
    return not x.is_cpu or math.isnan(x.detach().sum())


def _parts(elements: int) -> int:
    parts = torch.get_num_threads()
    while elements % parts:
        parts -= 1
    return parts
