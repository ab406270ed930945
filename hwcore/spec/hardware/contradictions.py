"""Contradictions in the description of a cell's components.

The paths are pydantic's own: they name the alternative of a union ("table", "description"), as its errors do.
"""

import numpy as np

from hwcore.spec.hardware.component import Component, component_table
from hwcore.spec.hardware.spacing import LARGEST_G_MAX, SMALLEST_G_MAX, BinaryWeighted, Spacing, Table, measured_g_max
from hwcore.spec.reading.base import Contradiction

RESOLUTION = 1e-9
"""Share of the largest conductance: levels closer than this are no levels of their own."""


def ratio_of_a_table(on_off_ratio: float | None, at: tuple[str, ...]) -> list[Contradiction]:
    """A ratio beside a table that already says it."""
    if on_off_ratio is None:
        return []
    return [Contradiction(at, on_off_ratio, "the ends of the table already give the ratio", "leave it out")]


def spacing_contradictions(spacing: Spacing, levels: int | None, at: tuple[str, ...]) -> list[Contradiction]:
    """Find contradictions within a spacing, or between it and the number of levels.

    Args:
        spacing: of one component.
        levels: of the cell, None where that is unknown.
        at: path of the spacing in the cell.
    """
    match spacing:
        case Table():
            return _table_contradictions(spacing, (*at, spacing.type, "conductances"))
        case BinaryWeighted() if levels is not None:
            return _bit_contradictions(spacing, levels, (*at, spacing.type, "bit_conductances"))
        case _:
            return []


def _bit_contradictions(spacing: BinaryWeighted, levels: int, at: tuple[str, ...]) -> list[Contradiction]:
    bits = levels.bit_length() - 1
    if levels != 2**bits:
        reason = "a binary-weighted component has a power of two of levels"
        return [Contradiction(("levels",), levels, reason, "2, 4, 8, 16, 32, 64, 128 or 256")]
    conductances = spacing.bit_conductances
    if conductances is not None and len(conductances) != bits:
        plural = "bits" if bits > 1 else "bit"
        return [
            Contradiction(
                at, conductances, f"{levels} levels are {bits} {plural}", f"a list with one number per bit: {bits}"
            )
        ]
    total = measured_g_max(spacing)
    if total is not None and total > LARGEST_G_MAX:
        reason = f"together the bits conduct {total:.9g} S, and their sum is the largest conductance of the component"
        return [Contradiction(at, conductances, reason, f"bits whose sum is at most {LARGEST_G_MAX:g} S")]
    return []


def _table_contradictions(table: Table, at: tuple[str, ...]) -> list[Contradiction]:
    g = table.conductances
    found = []
    for k in range(1, len(g)):
        if not g[k] > g[k - 1]:
            reason = f"the table does not increase here, after {g[k - 1]:.9g} S"
            found.append(Contradiction((*at, k), g[k], reason, f"a number above {g[k - 1]:.9g} S"))
    if not found and g[-1] < SMALLEST_G_MAX:
        reason = "the largest conductance is too small"
        found.append(Contradiction((*at, len(g) - 1), g[-1], reason, f"a number from {SMALLEST_G_MAX:g} to 1 S"))
    return found


def unresolved_levels(
    component: Component, ratio_at: tuple[str, ...], spacing_at: tuple[str, ...]
) -> list[Contradiction]:
    """Levels that the numbers do not tell apart, for example with an on/off ratio of 1 + 1e-12."""
    table = np.sort(component_table(component))
    steps = np.diff(table)
    # Bits that are off their powers of two may make codes coincide: there it is enough that some step is left.
    step = float(steps.max() if isinstance(component.spacing, BinaryWeighted) else steps.min())
    if step >= RESOLUTION * table[-1]:
        return []
    reason = f"two neighbouring levels are {step:.3g} S apart, below {RESOLUTION:g} of the largest conductance"
    if isinstance(component.spacing, Table):
        k = int(steps.argmin()) + 1
        at: tuple[str | int, ...] = (*spacing_at, component.spacing.type, "conductances", k)
        return [Contradiction(at, component.spacing.conductances[k], reason, "levels that a circuit can tell apart")]
    return [Contradiction(ratio_at, component.on_off_ratio, reason, "a larger ratio, or null")]
