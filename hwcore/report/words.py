"""Stages, rules of compensation and times of a report in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hwcore.spec import ALL, EFFECTS, Stage

STAGES: Final[Mapping[str, str]] = {
    "float": "floating point",
    "rounded": "rounded to the hardware",
    "hardware_aware": "trained for the hardware",
    **{name: row.title for name, row in EFFECTS.items()},
    ALL: "all effects",
}
COMPENSATIONS: Final = {
    "none": "not compensated",
    "per_tile": "one factor per tile",
    "per_column": "one factor per column",
}
UNITS: Final = ((31536000.0, "year"), (86400.0, "day"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))
"""Units of time: seconds and name."""


def stage_in_words(stage: Stage) -> str:
    """Words for a stage: "drift, after 1 day" for drift@86400; an unknown stage is its own word."""
    words = STAGES.get(stage.name, stage.name)
    return words if stage.seconds is None else f"{words}, after {time_in_words(stage.seconds)}"


def time_in_words(seconds: float) -> str:
    """Words for a time, in the largest unit that fits into it: 20 s, 1 h, 2.5 days, 1 year; below 1 s in seconds."""
    for size, name in UNITS:
        if seconds >= size:
            count = f"{seconds / size:.3g}"
            return f"{count} {name}{'s' if name in ('year', 'day') and count != '1' else ''}"
    return f"{seconds:.3g} s"
