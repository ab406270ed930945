"""Stuck-at faults: a mask of a chip, fixed for its life."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float64, Int8
from torch import Tensor

from hwcore.devices.draw import Chips, uniform
from hwcore.spec import StuckAt


def stuck_cells(shape: Sequence[int], model: StuckAt, *, generator: Chips) -> Int8[Tensor, ...]:
    """1 where a cell is stuck on, -1 where it is stuck off, 0 where it is sound; every cell for itself.

    u ~ U[0, 1): stuck on where u < p_on, stuck off where p_on <= u < p_on + p_off.

    Args:
        shape: of the cells of one chip, (rows, cols).
        model: p_on and p_off, without unit; the description refuses rates that sum above 1.
        generator: source of u, on the CPU; a list of them makes as many chips, which stand in front.
    """
    u = uniform(shape, generator)
    off = (u >= model.stuck_on) & (u < model.stuck_on + model.stuck_off)
    return (u < model.stuck_on).to(torch.int8).sub_(off.to(torch.int8))


def stuck_at(
    g: Float64[Tensor, "*#shape"], stuck: Int8[Tensor, "*#shape"], *, g_min: float, g_max: float
) -> Float64[Tensor, ...]:
    """g_max where a cell is stuck on, g_min where it is stuck off, else what it holds, S.

    Args:
        g: what the cells hold, S.
        stuck: from `stuck_cells`; where no cell is stuck the result is g.
        g_min: smallest conductance of the component, S.
        g_max: largest conductance of the component, S.
    """
    return torch.where(stuck > 0, g_max, torch.where(stuck < 0, g_min, g))
