"""Elimination of the circuit: the word lines are eliminated one by one, and the bit lines carried down."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.wires.inverse import inverse
from hwcore.wires.wires import Wires
from hwcore.wires.word_lines import WordLines, word_lines

NUMBERS = 1 << 18
"""Couplings that are made at once: 2 MB in float64, which stay near the processor."""


@dataclass(frozen=True, eq=False)
class Eliminated:
    """Values that the way down leaves for the way back up, from the first to the last segment that has a resistance.

    Attributes:
        words: the word lines.
        resistances: r_i of the segment below every row, ohm; 0: there is none.
        carriers: T of every segment with a resistance.
        transfers: rows 0 to i of the transfer matrix down to the end of that segment, S.
    """

    words: WordLines
    resistances: list[float]
    carriers: list[Float64[Tensor, "tiles cols cols"]] = field(default_factory=list)
    transfers: list[Float64[Tensor, "tiles _upper cols"]] = field(default_factory=list)


def eliminate(
    g: Float64[Tensor, "tiles rows cols"], wires: Wires, *, keep: bool = False
) -> tuple[Float64[Tensor, "tiles rows cols"], Eliminated]:
    """The transfer matrix M of every array, I_j = sum_i V_i M_ij.

    Seen from the bit lines below row i, all above it is a current source with an admittance: J_i^T V - P_i u. A row
    adds its own (`WordLines`), and the segment of resistance r below it is in series:

        P = P' + Y_i,   J = [J'; s_i],   T = (1 + r P)^-1,   P' = P T = (1 - T) / r,   J' = J T

    and after the last segment, which ends at ground, J' is M. P is never made as a difference. Its entries off the
    diagonal are those of -T / r and of Y, and its rows sum to what 1 V on all drivers so far drives into a short,
    p' = (p + s_i) T: with all nodes at 1 V nothing flows. So the diagonal is the sum of p and of the others, all of
    one sign, and every entry of M, those of the weakest side paths included, has nearly the accuracy of the numbers
    themselves, whatever the resistances.

    Args:
        g: conductances, S, from 0.
        wires: resistances; segments of word lines may be zero without a case of their own, for segments of bit
            lines see `resistances_below`.
        keep: keep what `gradient` needs: rows times (cols^2 + rows cols / 2) numbers per array.

    Source: elimination of the rows as in a block tridiagonal system (Golub and Van Loan, Matrix Computations, 4th
    ed., section 4.5.1); the diagonal from the row sums as Grassmann, Taksar and Heyman 1985,
    doi:10.1287/opre.33.5.1107, take it for Markov chains.
    """
    tiles, cols = g.shape[0], g.shape[2]
    words = word_lines(g, wires.first_word, wires.r_word)
    kept = Eliminated(words, resistances_below(g, wires))
    transfer = words.driven
    if not any(kept.resistances):
        return transfer, kept
    driven = transfer.clone()
    # P: its diagonal, and the negative of what stands off it; p: its row sums.
    off, own, total = g.new_zeros(tiles, cols, cols), g.new_zeros(tiles, cols), g.new_zeros(tiles, 1, cols)
    block = max(1, NUMBERS // (tiles * cols * cols))
    for row, r in enumerate(kept.resistances):
        if row % block == 0:
            coupling = words.coupling(row, row + block)
        off = off + coupling[:, row % block]
        own = own + words.own[:, row]
        total = total + driven[:, row : row + 1]
        if r == 0:
            continue
        carrier = _carrier(off, own, r)
        above = transfer[:, : row + 1] @ carrier
        transfer[:, : row + 1] = above
        if keep:
            kept.carriers.append(carrier)
            kept.transfers.append(above)
        total = total @ carrier
        off = carrier / r
        off.diagonal(dim1=-2, dim2=-1).zero_()
        own = total.squeeze(1) + off.sum(-1)
    return transfer, kept


def resistances_below(g: Float64[Tensor, "tiles rows cols"], wires: Wires) -> list[float]:
    """Resistance of the segment below every row, ohm; the last one leads to ground.

    A segment is left out where all of them together change no current by more than a rounding: rows times r times
    the conductance that a bit line can see, at most the sum of all its cells and of those across their word lines,
    2 max_j sum_i g_ij. Without this, T / r of a resistance near the smallest numbers would be noise.
    """
    rows = g.shape[1]
    largest = float(2 * g.sum(1).max()) if g.numel() else 0.0
    segment = 0.0 if wires.r_bit * rows * largest < torch.finfo(g.dtype).eps / 16 else wires.r_bit
    return [segment] * (rows - 1) + [wires.last_bit]


def _carrier(
    off: Float64[Tensor, "tiles cols cols"], own: Float64[Tensor, "tiles cols"], r: float
) -> Float64[Tensor, "tiles cols cols"]:
    """T = (1 + r P)^-1."""
    matrix = off * -r
    matrix.diagonal(dim1=-2, dim2=-1).copy_(1 + r * own)
    return inverse(matrix)
