"""Models that hold for some conductances only, and the cells that lie outside of their range."""

from pydantic import Field

from hwcore.spec.derive.tables import component_tables
from hwcore.spec.hardware.cell import Cell
from hwcore.spec.hardware.spacing import BinaryWeighted, Spacing, Table
from hwcore.spec.reading.base import Alternative, Contradiction

EDGE = 1e-9
"""Relative: how far beyond its ends a range reaches, so that rounding refuses no level that lies on one."""

_Path = tuple[str | int, ...]


class Fitted(Alternative):
    """Base of the models that refuse conductances which they were not fitted on."""

    type: str = Field(description="The model by name.")

    @property
    def g_range(self) -> tuple[float, float]:
        """Smallest and largest conductance that the model holds for, S."""
        raise NotImplementedError


def outside_fit(cell: Cell, model: Fitted) -> list[Contradiction]:
    """The ends of both components that lie outside of what the model was fitted on.

    Args:
        cell: consistent in itself.
        model: of any effect.

    Returns:
        Paths from the hardware description. An end of the negative component is left out where that of the positive
        one is wrong already: mending the one most often mends the other.
    """
    low, high = model.g_range
    tables, negative = component_tables(cell), cell.negative.spacing
    above, below = high * (1 + EDGE), low * (1 - EDGE)
    found = []
    if tables.g_pos.max() > above:
        found.append((_of(cell.spacing, ("cell", "spacing"), -1) or ("cell", "g_max"), tables.g_pos.max()))
    elif tables.g_neg.max() > above:
        found.append((_of_negative(negative, -1) or ("cell", "negative", "gain"), tables.g_neg.max()))
    if tables.g_pos.min() < below:
        found.append((_of(cell.spacing, ("cell", "spacing"), 0) or ("cell", "on_off_ratio"), tables.g_pos.min()))
    elif tables.g_neg.min() < below:
        found.append((_of_negative(negative, 0) or ("cell", "negative", "on_off_ratio", "number"), tables.g_neg.min()))
    allowed = f"levels from {low:.9g} to {high:.9g} S, or a model of noise that holds for this cell"
    return [
        Contradiction(at, float(g), f"a level of {g:.9g} S is outside of what {model.type} was fitted on", allowed)
        for at, g in found
    ]


def _of_negative(spacing: Spacing | str, end: int) -> _Path | None:
    return None if isinstance(spacing, str) else _of(spacing, ("cell", "negative", "spacing", "description"), end)


def _of(spacing: Spacing, at: _Path, end: int) -> _Path | None:
    """The measured conductance at that end (0 or -1), or None where a formula gives it."""
    match spacing:
        case Table(conductances=conductances):
            return (*at, spacing.type, "conductances", end % len(conductances))
        case BinaryWeighted(bit_conductances=bits) if bits is not None and end:
            return (*at, spacing.type, "bit_conductances")
        case _:
            return None
