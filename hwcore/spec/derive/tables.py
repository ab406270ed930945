"""The conductances of both components of a cell, indexed by code."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hwcore.spec.hardware.cell import Cell
from hwcore.spec.hardware.component import component_table


@dataclass(frozen=True)
class ComponentTables:
    """Conductance of every code of both components.

    Attributes:
        g_pos: positive component, S, one per code.
        g_neg: negative component, S, one per code.
    """

    g_pos: Float64[np.ndarray, "levels"]
    g_neg: Float64[np.ndarray, "levels"]


def component_tables(cell: Cell) -> ComponentTables:
    """The conductances of both components in S, indexed by code.

    Binary-weighted tables may fall with the code when bits are off their powers of two; all others increase.
    """
    return ComponentTables(component_table(cell.positive_component()), component_table(cell.negative_component()))
