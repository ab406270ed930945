"""The array without wires: Ohm's law in every cell, Kirchhoff's law on every bit line."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.crossbar.grouped_product import block_drives, grouped_product
from hwcore.spec import TileGrid


def differential_current(
    drive: Float[Tensor, "batch drives"], g_difference: Float[Tensor, "rows cols"], grid: TileGrid
) -> Float[Tensor, "batch cols"]:
    """I_j = sum over tiles of sum_i V_i (g_pos_ij - g_neg_ij): the partial sums of the tiles, added digitally.

    The bit lines of a pair are subtracted within each tile. Tiles beside each other share no column, so only the cuts
    between rows make partial sums.

    Args:
        drive: word-line voltages V, V, of one group of columns after the other; in units of the read voltage the
            result is a current over that voltage.
        g_difference: g_pos - g_neg, S.
        grid: where the array is cut.

    Returns:
        Currents, A.
    """
    total = torch.zeros(drive.shape[0], g_difference.shape[1], dtype=drive.dtype, device=drive.device)
    for start, stop in grid.row_blocks:
        if grid.groups == 1:
            total.addmm_(drive[:, start:stop], g_difference[start:stop])
        else:
            part = block_drives(drive, (start, stop), grid.groups)
            total.add_(grouped_product(part, g_difference[start:stop], grid.groups))
    return total
