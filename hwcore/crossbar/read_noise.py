"""Read noise of a whole column at once: as many cells as it has, one number for each of its outputs."""

from __future__ import annotations

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from hwcore.spec import PairLayout, TileGrid
from hwcore.wires import Wires, layer_transfer


def read_current_sigma(
    drive: Float[Tensor, "batch rows"], sigma_pos: Float[Tensor, "rows cols"], sigma_neg: Float[Tensor, "rows cols"]
) -> Float[Tensor, "batch cols"]:
    """sigma_I = (sum_i V_i^2 (sigma_pos_ij^2 + sigma_neg_ij^2))^(1/2): of the differential current of one tile.

    Without wires a current is a sum over cells that err for themselves, normally, and anew at every product. So it errs
    normally with this deviation: exactly what drawing every cell for every product would give, for one product more.

    Args:
        drive: word-line voltages V, V.
        sigma_pos: read noise of the positive component of every cell, S.
        sigma_neg: that of the negative one, S.

    Returns:
        A; times a number of N(0, 1) for each output and product it is the noise.
    """
    variance = drive.square() @ (sigma_pos.square() + sigma_neg.square())
    return variance.sqrt()


def seen_through_wires(
    g_pos: Float64[Tensor, "rows cols"],
    g_neg: Float64[Tensor, "rows cols"],
    mean_drive: Float64[Tensor, " rows"],
    grid: TileGrid,
    wires: Wires,
    layout: PairLayout,
) -> tuple[Float64[Tensor, "rows cols"], Float64[Tensor, "rows cols"]]:
    """How much of an error of each cell arrives at the outputs: a_ij = (d sum_c I_c / d g_ij) / V_i at the mean drive.

    Without wires it is 1. The derivative is the voltage across the cell times the share of its current that arrives;
    with a_ij sigma_ij in place of sigma_ij the formula of a column holds to first order in the noise. Two things are
    taken as they are on average: the voltages, at the mean drive and not at each drive, and the small part of an error
    that leaves through other columns, counted as if it left through its own.

    Args:
        g_pos: positive components, S.
        g_neg: negative components, S.
        mean_drive: V, mean of the drives of every word line; one that is never driven counts as the mean of all.
        grid: where the layer is cut.
        wires: resistances.
        layout: of the pairs.

    Returns:
        For the positive and the negative components, without unit.

    Raises:
        ValueError, ArrayTooLarge: as for `layer_transfer`, whose gradient is taken.
    """
    rest = mean_drive.abs().mean().clamp(min=torch.finfo(torch.float64).tiny)
    drive = torch.where(mean_drive != 0, mean_drive, rest)
    pos, neg = g_pos.clone().requires_grad_(), g_neg.clone().requires_grad_()
    with torch.enable_grad():
        m_pos, m_neg = layer_transfer(pos, neg, grid, wires, layout)
        # Both are added: an error of either component is what the pair's current errs by, up to its sign.
        total = (drive @ m_pos).sum() + (drive @ m_neg).sum()
        a_pos, a_neg = torch.autograd.grad(total, (pos, neg))
    return a_pos / drive[:, None], a_neg / drive[:, None]
