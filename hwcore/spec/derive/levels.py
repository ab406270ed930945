"""Levels of a chip: what its cells and its pairs of cells can hold, worked out once for a network and handed on."""

from __future__ import annotations

from dataclasses import dataclass

from hwcore.spec.derive.representable import Representable, representable
from hwcore.spec.derive.tables import ComponentTables, component_tables
from hwcore.spec.hardware.hardware import Hardware


@dataclass(frozen=True, eq=False)
class Levels:
    """Conductances of the cells of one description, and the weights that pairs of them stand for.

    Attributes:
        tables: conductance of every code of both components, S.
        weights: every weight that a pair can hold, with its codes.
    """

    tables: ComponentTables
    weights: Representable

    @staticmethod
    def of(hardware: Hardware) -> Levels:
        """Work them out; with `full_pair` there are as many pairs as levels squared."""
        tables = component_tables(hardware.cell)
        return Levels(tables, representable(hardware, tables))
