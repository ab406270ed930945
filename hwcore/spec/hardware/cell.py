"""The memory cell: how many levels each of its two components has, and which conductances they are."""

import sys
from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from hwcore.spec.hardware.cell_conditions import CELL_CONDITIONS, NEGATIVE_CONDITIONS
from hwcore.spec.hardware.component import Component
from hwcore.spec.hardware.contradictions import ratio_of_a_table, spacing_contradictions, unresolved_levels
from hwcore.spec.hardware.spacing import (
    MAX_LEVELS,
    MIN_LEVELS,
    SMALLEST_G_MAX,
    LargestConductance,
    Levels,
    Linear,
    OnOffRatio,
    Spacing,
    Table,
    measured_g_max,
)
from hwcore.spec.reading.base import Contradiction, Spec, refuse, word_or
from hwcore.units import SIEMENS

Same = Literal["same"]
AGREEMENT = 1e-6
"""Relative: how far g_max may be from what the measured conductances say."""


class Negative(Spec):
    """What differs in the negative component; what is not said is as in the positive one."""

    model_config = ConfigDict(json_schema_extra={"allOf": NEGATIVE_CONDITIONS})

    gain: float = Field(default=1.0, ge=1e-6, le=100.0, description="Factor on the whole negative table, without unit.")
    on_off_ratio: (
        Annotated[
            Annotated[OnOffRatio, Tag("number")] | Annotated[Same, Tag("word")],
            Discriminator(word_or("number")),
        ]
        | None
    ) = Field(
        default="same",
        description="Largest over smallest conductance, without unit; null: off cells do not conduct; same: as in the "
        "positive component. When the negative spacing is a table, the table says it: leave this out there.",
    )
    spacing: Annotated[
        Annotated[Spacing, Tag("description")] | Annotated[Same, Tag("word")],
        Discriminator(word_or("description")),
    ] = Field(default="same", description="Spacing of the negative levels; same: as in the positive component.")


class Cell(Spec):
    """A pair of components, each a memory cell with a finite table of conductances.

    A weight is s (G+ - G-) with G+ from the positive and G- from the negative table (arXiv:1809.04982).
    """

    model_config = ConfigDict(json_schema_extra={"allOf": CELL_CONDITIONS})

    technology: str = Field(
        default="generic", min_length=1, max_length=100, description="Label for reports; it changes nothing."
    )
    levels: Levels | None = Field(
        default=None,
        description="Number of conductances per component; a power of two when binary-weighted. null: as many as the "
        "table has, so only with a table.",
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
        default=Linear(), description="How the levels lie between the smallest and the largest conductance."
    )
    negative: Negative = Field(default=Negative(), description="What differs in the negative component.")

    @model_validator(mode="after")
    def _consistent(self) -> "Cell":
        refuse(self, [*self._positive_contradictions(), *self._negative_contradictions()])
        # Tables can be computed only from here on.
        refuse(self, unresolved_levels(self.positive_component(), ("on_off_ratio",), ("spacing",)))
        ratio_at, spacing_at = ("negative", "on_off_ratio", "number"), ("negative", "spacing", "description")
        refuse(self, unresolved_levels(self.negative_component(), ratio_at, spacing_at))
        return self

    def positive_component(self) -> Component:
        """The positive component with everything written out."""
        spacing, levels, ratio, measured = self.spacing, self.levels, self.on_off_ratio, measured_g_max(self.spacing)
        if isinstance(spacing, Table):
            lowest, highest = spacing.conductances[0], spacing.conductances[-1]
            levels = len(spacing.conductances)
            ratio = highest / lowest if lowest > highest / sys.float_info.max else None
        return Component(levels or 0, self.g_max or 0.0 if measured is None else measured, ratio, spacing)

    def negative_component(self) -> Component:
        """The negative component with everything written out; "same" is resolved."""
        positive, negative = self.positive_component(), self.negative
        spacing = positive.spacing if negative.spacing == "same" else negative.spacing
        ratio = positive.on_off_ratio if negative.on_off_ratio == "same" else negative.on_off_ratio
        measured = measured_g_max(spacing)
        return Component(
            positive.levels, positive.g_max if measured is None else measured, ratio, spacing, negative.gain
        )

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

    def _level_count(self) -> int | None:
        return len(self.spacing.conductances) if isinstance(self.spacing, Table) else self.levels

    def _positive_contradictions(self) -> list[Contradiction]:
        spacing, count, measured = self.spacing, self._level_count(), measured_g_max(self.spacing)
        faulty = spacing_contradictions(spacing, count, ("spacing",))
        found = [*faulty]
        if isinstance(spacing, Table):
            found += ratio_of_a_table(self.on_off_ratio, ("on_off_ratio",))
            if self.levels is not None and self.levels != count:
                reason = f"the table has {count} conductances"
                found.append(Contradiction(("levels",), self.levels, reason, f"{count}, or leave it out"))
        elif count is None:
            reason = f"{spacing.type} spacing does not say how many levels there are"
            found.append(Contradiction(("levels",), None, reason, f"a whole number from {MIN_LEVELS} to {MAX_LEVELS}"))
        if measured is None and self.g_max is None:
            reason = f"{spacing.type} spacing without measured conductances has no scale"
            found.append(Contradiction(("g_max",), None, reason, f"a number from {SMALLEST_G_MAX:g} to 1 S"))
        # What a faulty table gives is no measure for g_max.
        stated = self.g_max if not faulty else None
        if measured is not None and stated is not None and abs(stated - measured) > AGREEMENT * measured:
            reason = f"the measured conductances give {measured:.9g} S"
            found.append(Contradiction(("g_max",), stated, reason, "that value within 1e-6, or leave it out"))
        return found

    def _negative_contradictions(self) -> list[Contradiction]:
        spacing, ratio, count = self.negative.spacing, self.negative.on_off_ratio, self._level_count()
        found = []
        if spacing != "same":
            found += spacing_contradictions(spacing, count, ("negative", "spacing", "description"))
        if isinstance(self.spacing if spacing == "same" else spacing, Table) and isinstance(ratio, float):
            found += ratio_of_a_table(ratio, ("negative", "on_off_ratio", "number"))
        if isinstance(spacing, Table) and count is not None and len(spacing.conductances) != count:
            at = ("negative", "spacing", "description", "table", "conductances")
            reason = f"it has {len(spacing.conductances)} conductances, and the positive component has {count} levels"
            found.append(Contradiction(at, spacing.conductances, reason, f"a list of {count} numbers"))
        return found
