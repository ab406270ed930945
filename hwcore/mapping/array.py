"""One array of a layer: a matrix of differential pairs, cut into tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwcore.mapping.pairs import Pairs
from hwcore.spec import TileGrid


@dataclass(frozen=True, eq=False)
class Array:
    """One array of a layer: a matrix of pairs, cut into tiles.

    Attributes:
        name: key of the array in files: that of its layer where the layer has one array.
        pairs: codes and conductances.
        grid: where it is cut.
        significance: factor of its currents in the sum over the arrays of the layer, without unit.
    """

    name: str
    pairs: Pairs
    grid: TileGrid
    significance: float = 1.0

    def tiles(self) -> Iterator[tuple[str, slice, slice]]:
        """Name, rows and columns of every tile; the first is the fullest, since only the last are cut."""
        for i, rows in enumerate(self.grid.row_blocks):
            for j, cols in enumerate(self.grid.col_blocks):
                yield f"{self.name}_{i}_{j}", slice(*rows), slice(*cols)
