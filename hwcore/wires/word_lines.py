"""Word lines: every row of an array is a chain of segments that its cells hang on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float64
from torch import Tensor


@dataclass(frozen=True, eq=False)
class WordLines:
    """All word lines of some arrays, each driven at its first cell, every cell leading to a bit line.

    With the bit lines at potentials u the cells carry i = G (v a - K u) = v s - Y u: a, the potentials of the word
    line at 1 V with its bit lines at ground; s = G a, what it then drives into them; Y, what it loads them with. Y is
    symmetric, its entries off the diagonal are negative or zero, and its rows sum to s: at u = v nothing flows.

    Attributes:
        g: conductances of the cells, S.
        step: t_l, potential of a cell over that of the one before it (of the source before the first), bit lines at
            ground; above 0 up to 1.
        impedance: z_l, between cell l's word-line node and ground, ohm.
        own: diagonal of Y, S.
        r_first: from the source to the first cell, ohm.
        r_segment: from cell to cell, ohm.
    """

    g: Float64[Tensor, "tiles rows cols"]
    step: Float64[Tensor, "tiles rows cols"]
    impedance: Float64[Tensor, "tiles rows cols"]
    own: Float64[Tensor, "tiles rows cols"]
    r_first: float
    r_segment: float

    @property
    def driven(self) -> Float64[Tensor, "tiles rows cols"]:
        """s: currents into grounded bit lines, over the voltage of the source, S."""
        return self.g * self.step.cumprod(-1)

    def coupling(self, start: int, stop: int) -> Float64[Tensor, "tiles some cols cols"]:
        """-Y above the diagonal, of the word lines start to stop: g_j z_j (t_(j+1) ... t_k) g_k at (j, k), j < k.

        Entries on and below the diagonal have no meaning.
        """
        g, size = self.g[:, start:stop], self.g.shape[-1]
        above = torch.ones(size, size, dtype=torch.bool, device=g.device).triu(1)
        path = torch.where(above, self.step[:, start:stop].unsqueeze(-2), 1.0).cumprod(-1)
        path *= (g * self.impedance[:, start:stop]).unsqueeze(-1)
        path *= g.unsqueeze(-2)
        return path

    def cell_voltages(
        self,
        start: int,
        source: Float64[Tensor, "tiles some patterns"],
        bit: Float64[Tensor, "tiles some cols patterns"],
    ) -> Float64[Tensor, "tiles some cols patterns"]:
        """Voltage across every cell, word line less bit line, V, of as many word lines as are given, from start on.

        From the far end to the source every rest of the chain is gathered into the current h that it drives into a
        short, h_l = g_l u_l + t_(l+1) h_(l+1); from the source to the far end w_l = t_l (w_(l-1) + r_l h_l).

        Args:
            start: first word line.
            source: potentials of the drivers, V.
            bit: potentials u of the bit lines at the cells, V.
        """
        stop, last = start + bit.shape[1], bit.shape[2] - 1
        step = self.step[:, start:stop, :, None]
        word = bit * self.g[:, start:stop, :, None]
        for cell in range(last - 1, -1, -1):
            word[:, :, cell].addcmul_(step[:, :, cell + 1], word[:, :, cell + 1])
        before = source
        for cell in range(last + 1):
            r = self.r_segment if cell else self.r_first
            before = word[:, :, cell].mul_(r).add_(before).mul_(step[:, :, cell])
        return word.sub_(bit)


def word_lines(g: Float64[Tensor, "tiles rows cols"], r_first: float, r_segment: float) -> WordLines:
    """Everything about the word lines of some arrays that does not depend on what is at their ends.

    With y_l the admittance of cell l and all beyond it (bit lines at ground) and rho_l the resistance back to the
    source, cells before l included:

        y_l = g_l + t_(l+1) y_(l+1)                 rho_1 = r_first,  rho_(l+1) = r + rho_l / (1 + rho_l g_l)
        t_l = 1 / (1 + r_l y_l)                     z_l = rho_l / (1 + rho_l y_l)
        Y_ll = g_l (1 + rho_l (y_l - g_l)) / (1 + rho_l y_l)

    Resistances stand in products only, so zero needs no case of its own, and nothing is a difference of two numbers
    of the same size but y_l - g_l, which is t y of the next cell.

    Args:
        g: conductances, S, from 0.
        r_first: from the source to the first cell, ohm, from 0.
        r_segment: from cell to cell, ohm, from 0.

    Source: Norton's and Thevenin's theorem, segment by segment.
    """
    # A cell after the other, for all word lines at once: cells first.
    cells = g.movedim(-1, 0).contiguous()
    count = len(cells)
    beyond, step, back = torch.zeros_like(cells), torch.empty_like(cells), torch.empty_like(cells)
    back[0] = r_first
    for cell in range(1, count):
        back[cell] = r_segment + back[cell - 1] / (1 + back[cell - 1] * cells[cell - 1])
    for cell in range(count - 1, -1, -1):
        admittance = cells[cell] + beyond[cell]
        step[cell] = 1 / (1 + (r_segment if cell else r_first) * admittance)
        if cell:
            beyond[cell - 1] = admittance * step[cell]
    loaded = 1 + back * (cells + beyond)
    found = (step, back / loaded, cells * (1 + back * beyond) / loaded)
    step, impedance, own = (each.movedim(0, -1).contiguous() for each in found)
    return WordLines(g, step, impedance, own, r_first, r_segment)
