"""Cells of one chip: what was written to them, which of them are stuck, and what they hold as time goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices import at_time
from hwcore.mapping import Components
from hwcore.spec import Drift


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells of one component of one array.

    Attributes:
        g: held after the write, the stuck ones included, S; with drift that is at its t0.
        target: what was to be held, S; of a stuck cell, where it is stuck. Published devices go by it.
        exponent: nu of every device; None: nothing drifts.
    """

    g: Float64[Tensor, "rows cols"]
    target: Float64[Tensor, "rows cols"]
    exponent: Float64[Tensor, "rows cols"] | None = None

    def at(self, seconds: float, drift: Drift | None) -> Float64[Tensor, "rows cols"]:
        """g (t / t0)^-nu: what the cells hold so long after the write, S.

        Args:
            seconds: t, s; it matters where something drifts.
            drift: the model that the exponents are of.

        Raises:
            ValueError: a time before t0.
        """
        if self.exponent is None or drift is None:
            return self.g
        return at_time(self.g, self.exponent, drift, t=seconds)


@dataclass(frozen=True, eq=False)
class CellPairs:
    """Cells of one array: of its positive and of its negative components."""

    pos: Cells
    neg: Cells

    def at(self, seconds: float, drift: Drift | None) -> Components:
        """Conductances so long after the write, S; arguments as for `Cells.at`."""
        return Components(self.pos.at(seconds, drift), self.neg.at(seconds, drift))


LayerCells = tuple[CellPairs, ...]
"""Cells of every array of a layer."""
ChipCells = Mapping[str, LayerCells]
"""Cells of one chip by name of the layer."""
