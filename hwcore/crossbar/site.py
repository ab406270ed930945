"""The place where effects on products act: one layer of one chip under one condition."""

from __future__ import annotations

from dataclasses import dataclass

from hwcore.crossbar.cells import LayerCells
from hwcore.crossbar.chip_streams import ChipStreams
from hwcore.crossbar.shared import Shared
from hwcore.mapping import Components, MappedLayer
from hwcore.spec import Condition, Drift


@dataclass(frozen=True, eq=False)
class Site:
    """One layer of one chip under one condition.

    Attributes:
        shared: by all chips.
        layer: as mapped.
        cells: of its arrays on this chip.
        condition: effects and time.
        streams: random numbers of the chip.
    """

    shared: Shared
    layer: MappedLayer
    cells: LayerCells
    condition: Condition
    streams: ChipStreams

    @property
    def wired(self) -> bool:
        """True where the outputs see the cells through the wires."""
        return "wires" in self.condition.effects

    @property
    def drift(self) -> Drift | None:
        """Model of the drift of the cells; None: they do not drift."""
        return self.condition.drift(self.shared.hardware)

    def held(self, seconds: float) -> tuple[Components, ...]:
        """Conductances of the cells of every array so long after the write, S."""
        return tuple(pairs.at(seconds, self.drift) for pairs in self.cells)
