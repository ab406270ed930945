"""The gradient through the wires: two voltages across every cell, multiplied."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.wires.elimination import NUMBERS, Eliminated


def gradient(kept: Eliminated, upstream: Float64[Tensor, "tiles rows cols"]) -> Float64[Tensor, "tiles rows cols"]:
    """Gradient of sum_ij upstream_ij M_ij with respect to the conductances.

    The adjoint identity: dI_c / dg_ij = e_ij e^c_ij, with e the voltage across the cell under the drive and e^c the
    voltage across it, bit line less word line, with all drivers at 0 V and 1 V where output c had its ground. So with
    column c of `upstream` as drive, the gradient is the sum over c of the products of both.

    On the way back up, with T and r of the segment below row i, the potentials of the bit lines at its cells, a
    column per c, are A_i = T A_(i+1) and U_i = T U_(i+1) + r J'^T (upstream rows 0 to i), from A = 1 and U = 0 at
    the end; the word lines follow from them.

    Args:
        kept: what the elimination left, with `keep`.
        upstream: gradient of a loss with respect to M.

    Returns:
        In the unit of `upstream` (M and g are both in S).

    Source: Tellegen's theorem; Director and Rohrer 1969, doi:10.1109/TCT.1969.1082967.
    """
    words = kept.words
    tiles, rows, cols = words.g.shape
    out = torch.empty_like(words.g)
    adjoint = torch.eye(cols, dtype=upstream.dtype, device=upstream.device).expand(tiles, cols, cols)
    driven = upstream.new_zeros(tiles, cols, cols)
    block = max(1, NUMBERS // (tiles * cols * cols))
    left = len(kept.carriers)
    for stop in range(rows, 0, -block):
        start = max(0, stop - block)
        bit = upstream.new_empty(tiles, stop - start, cols, 2 * cols)
        for row in range(stop - 1, start - 1, -1):
            r = kept.resistances[row]
            if r:
                left -= 1
                carrier, above = kept.carriers[left], kept.transfers[left]
                adjoint = carrier @ adjoint
                driven = torch.baddbmm(r * (above.mT @ upstream[:, : row + 1]), carrier, driven)
            bit[:, row - start, :, :cols] = adjoint
            bit[:, row - start, :, cols:] = driven
        source = torch.cat([torch.zeros_like(upstream[:, start:stop]), upstream[:, start:stop]], -1)
        across = words.cell_voltages(start, source, bit)
        out[:, start:stop] = -(across[..., :cols] * across[..., cols:]).sum(-1)
    return out
