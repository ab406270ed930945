"""One array of a layer: a matrix of differential pairs, cut into tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from hwcore.mapping.pairs import Components, Pairs
from hwcore.spec import TileGrid


@dataclass(frozen=True, eq=False)
class Array:
    """One array of a layer: a matrix of pairs, cut into tiles.

    Attributes:
        name: key of the array in files: that of its layer where the layer has one array.
        pairs: codes and conductances.
        grid: where it is cut.
        significance: factor of its currents in the sum over the arrays of the layer, without unit.
        second: word lines on which components change places (`hwcore.mapping.line_pairs`); None: there are none.
    """

    name: str
    pairs: Pairs
    grid: TileGrid
    significance: float = 1.0
    second: Bool[Tensor, " rows"] | None = None

    def on_bit_lines(self, each: Components) -> Components:
        """Values on the positive and on the negative bit lines, from those of the components; and back.

        Args:
            each: of the whole array.
        """
        if self.second is None:
            return each
        second = self.second[:, None]
        return Components(torch.where(second, each.neg, each.pos), torch.where(second, each.pos, each.neg))

    def voltages(self, drives: Float[Tensor, "products drives"]) -> Float[Tensor, "products drives"]:
        """Voltages of the word lines for their drives: second lines, which are driven with min(x, 0), have -min(x, 0).

        Args:
            drives: of all word lines, of one group or of one group after the other, any unit.
        """
        if self.second is None:
            return drives
        second = self.second.repeat(drives.shape[-1] // len(self.second))
        return torch.where(second, drives.abs(), drives)

    def tiles(self) -> Iterator[tuple[str, slice, slice]]:
        """Name, rows and columns of every tile; the first is the fullest, since only the last are cut."""
        for i, rows in enumerate(self.grid.row_blocks):
            for j, cols in enumerate(self.grid.col_blocks):
                yield f"{self.name}_{i}_{j}", slice(*rows), slice(*cols)
