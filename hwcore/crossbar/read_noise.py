"""Read noise of a whole column at once: as many cells as it has, one number for each of its outputs."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


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
