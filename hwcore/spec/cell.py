"""The memory cell: how many levels each of its two components has, and which conductances they are."""

import math
import sys
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
from jaxtyping import Float64
from pydantic import Discriminator, Field, Tag, model_validator

from hwcore.spec.base import Contradiction, Spec, refuse, word_or
from hwcore.spec.conductance import Component, component_table
from hwcore.spec.spacing import (
    MAX_LEVELS,
    MIN_LEVELS,
    SMALLEST_G_MAX,
    BinaryWeighted,
    LargestConductance,
    Levels,
    Linear,
    OnOffRatio,
    Spacing,
    Table,
)
from hwcore.units import SIEMENS

Same = Literal["same"]
AGREEMENT = 1e-6
"""Relative: how far g_max may be from what the measured conductances say."""
RESOLUTION = 1e-9
"""Share of the largest conductance: levels closer than this are no levels of their own."""


class Negative(Spec):
    """What differs in the negative component; what is not said is as in the positive one."""

    gain: float = Field(
        default=1.0,
        ge=1e-6,
        le=100.0,
        description="Factor on the whole negative table, without unit.",
    )
    on_off_ratio: (
        Annotated[
            Annotated[OnOffRatio, Tag("number")] | Annotated[Same, Tag("word")],
            Discriminator(word_or("number")),
        ]
        | None
    ) = Field(
        default="same",
        description='Largest over smallest conductance, without unit; null: off cells do not conduct; "same": as in '
        "the positive component. Left out when the negative spacing is a table.",
    )
    spacing: Annotated[
        Annotated[Spacing, Tag("description")] | Annotated[Same, Tag("word")],
        Discriminator(word_or("description")),
    ] = Field(
        default="same",
        description='Spacing of the negative levels, or "same": as in the positive component.',
    )


class Cell(Spec):
    """A pair of components, each a memory cell with a finite table of conductances.

    A weight is s (G+ - G-) with G+ from the positive and G- from the negative table (arXiv:1809.04982).
    """

    technology: str = Field(
        default="generic", min_length=1, max_length=100, description="Label for reports; it changes nothing."
    )
    levels: Levels | None = Field(
        default=None,
        description="Number of conductances per component. null: as many as the table has, so only with a table.",
    )
    g_max: LargestConductance | None = Field(
        default=None,
        description="Largest conductance of the positive component. null: taken from measured conductances, so only "
        "with a table or with bit_conductances; when both are given they agree within 1e-6.",
        json_schema_extra={"unit": SIEMENS},
    )
    on_off_ratio: OnOffRatio | None = Field(
        default=None,
        description="Largest over smallest conductance, without unit. null: off cells do not conduct. A table says it "
        "itself: leave this out there.",
    )
    spacing: Spacing = Field(
        default=Linear(), description="How the levels lie between smallest and largest conductance."
    )
    negative: Negative = Field(default=Negative(), description="What differs in the negative component.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        refuse(self, [*_positive_contradictions(self), *_negative_contradictions(self)])
        refuse(self, _unresolved_levels(self))
        return self

    def positive_component(self) -> Component:
        """The positive component with everything written out."""
        ratio = self.on_off_ratio
        if isinstance(self.spacing, Table):
            lowest, highest = self.spacing.conductances[0], self.spacing.conductances[-1]
            ratio = highest / lowest if lowest > highest / sys.float_info.max else None
        levels, g_max = self.levels, measured_g_max(self.spacing)
        if levels is None:
            levels = len(self.spacing.conductances) if isinstance(self.spacing, Table) else 0
        return Component(levels, g_max if g_max is not None else self.g_max or 0.0, ratio, self.spacing)

    def negative_component(self) -> Component:
        """The negative component with everything written out; "same" is resolved."""
        positive, negative = self.positive_component(), self.negative
        spacing = positive.spacing if negative.spacing == "same" else negative.spacing
        ratio = positive.on_off_ratio if negative.on_off_ratio == "same" else negative.on_off_ratio
        g_max = measured_g_max(spacing)
        return Component(positive.levels, g_max if g_max is not None else positive.g_max, ratio, spacing, negative.gain)

    def resolved(self) -> "Cell":
        """The same cell with levels, g_max and everything that was "same" written out; its tables are the same.

        The ratio of a table stays null: its ends say it.
        """
        positive, negative = self.positive_component(), self.negative_component()
        ratio = None if isinstance(negative.spacing, Table) else negative.on_off_ratio
        return Cell(
            technology=self.technology,
            levels=positive.levels,
            g_max=positive.g_max,
            on_off_ratio=self.on_off_ratio,
            spacing=positive.spacing,
            negative=Negative(gain=negative.gain, on_off_ratio=ratio, spacing=negative.spacing),
        )


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


def measured_g_max(spacing: Spacing) -> float | None:
    """Largest conductance in S where measured conductances say it, else None."""
    match spacing:
        case Table(conductances=conductances):
            return conductances[-1]
        case BinaryWeighted(bit_conductances=bits) if bits is not None:
            return math.fsum(bits)
        case _:
            return None


def _positive_contradictions(cell: Cell) -> list[Contradiction]:
    found = []
    spacing = cell.spacing
    if isinstance(spacing, Table):
        count = len(spacing.conductances)
        if cell.levels is not None and cell.levels != count:
            reason = f"the table has {count} conductances"
            found.append(Contradiction(("levels",), cell.levels, reason, f"{count}, or leave it out"))
        if cell.on_off_ratio is not None:
            reason = "the ends of the table already give the ratio"
            found.append(Contradiction(("on_off_ratio",), cell.on_off_ratio, reason, "leave it out"))
    elif cell.levels is None:
        reason = f"{spacing.type} spacing does not say how many levels there are"
        found.append(Contradiction(("levels",), None, reason, f"a whole number from {MIN_LEVELS} to {MAX_LEVELS}"))
    measured = measured_g_max(spacing)
    if measured is None and cell.g_max is None:
        reason = f"{spacing.type} spacing without measured conductances has no scale"
        found.append(Contradiction(("g_max",), None, reason, f"a number from {SMALLEST_G_MAX:g} to 1 S"))
    if measured is not None and cell.g_max is not None and abs(cell.g_max - measured) > AGREEMENT * measured:
        reason = f"the measured conductances give {measured:.9g} S"
        found.append(Contradiction(("g_max",), cell.g_max, reason, "that value within 1e-6, or leave it out"))
    return [*found, *_spacing_contradictions(spacing, cell.levels, ("spacing",))]


def _negative_contradictions(cell: Cell) -> list[Contradiction]:
    spacing = cell.negative.spacing
    count = len(cell.spacing.conductances) if isinstance(cell.spacing, Table) else cell.levels
    if spacing == "same":
        spacing_faults = []
        spacing = cell.spacing
    else:
        spacing_faults = _spacing_contradictions(spacing, count, ("negative", "spacing"))
    if not isinstance(spacing, Table):
        return spacing_faults
    found = list(spacing_faults)
    if isinstance(cell.negative.on_off_ratio, float):
        reason = "the ends of the negative table already give the ratio"
        at = ("negative", "on_off_ratio")
        found.append(Contradiction(at, cell.negative.on_off_ratio, reason, "leave it out"))
    if count is not None and len(spacing.conductances) != count:
        reason = f"it has {len(spacing.conductances)} conductances and the positive component has {count} levels"
        found.append(
            Contradiction(
                ("negative", "spacing", "conductances"),
                spacing.conductances,
                reason,
                f"a table of {count} conductances",
            )
        )
    return found


def _spacing_contradictions(spacing: Spacing, levels: int | None, at: tuple[str, ...]) -> list[Contradiction]:
    if isinstance(spacing, Table):
        return _table_contradictions(spacing, (*at, "conductances"))
    if not isinstance(spacing, BinaryWeighted) or levels is None:
        return []
    bits = levels.bit_length() - 1
    if levels != 2**bits:
        reason = "a binary-weighted component has a power of two of levels"
        return [Contradiction(("levels",), levels, reason, "2, 4, 8, 16, 32, 64, 128 or 256")]
    if spacing.bit_conductances is not None and len(spacing.bit_conductances) != bits:
        reason = f"{levels} levels take {bits} bits"
        return [Contradiction((*at, "bit_conductances"), spacing.bit_conductances, reason, f"a list of {bits} numbers")]
    return []


def _table_contradictions(table: Table, at: tuple[str, ...]) -> list[Contradiction]:
    found = []
    g = table.conductances
    for k in range(1, len(g)):
        if not g[k] > g[k - 1]:
            reason = f"the table does not increase here: {g[k]:.9g} S after {g[k - 1]:.9g} S"
            found.append(Contradiction((*at, k), g[k], reason, f"a number above {g[k - 1]:.9g} S"))
    if not found and g[-1] < SMALLEST_G_MAX:
        reason = "the largest conductance is too small"
        found.append(Contradiction((*at, len(g) - 1), g[-1], reason, f"a number from {SMALLEST_G_MAX:g} to 1 S"))
    return found


def _unresolved_levels(cell: Cell) -> list[Contradiction]:
    """Levels that the numbers do not tell apart, for example with a ratio of 1 + 1e-12."""
    found = []
    components = ((cell.positive_component(), ()), (cell.negative_component(), ("negative",)))
    for component, at in components:
        table = np.sort(component_table(component))
        steps = np.diff(table)
        # Bits that are off their powers of two may make codes coincide: there it is enough that some step is left.
        step = float(steps.max() if isinstance(component.spacing, BinaryWeighted) else steps.min())
        if step < RESOLUTION * table[-1]:
            field = "spacing" if isinstance(component.spacing, Table) else "on_off_ratio"
            got = component.spacing if isinstance(component.spacing, Table) else component.on_off_ratio
            reason = f"two neighbouring levels lie {step:.3g} S apart, below {RESOLUTION:g} of the largest conductance"
            found.append(Contradiction((*at, field), got, reason, "levels that a circuit can tell apart"))
            break
    return found
