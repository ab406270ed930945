"""Converters in a report: the effect of their range, and the conversions beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

NOTE: Final = (
    "accuracy of the rung adc, and of the same chip with the other range of its converters; training that is aware of "
    "the converters had the first"
)


@dataclass(frozen=True)
class ConverterRanges:
    """Accuracy with the range of the converters and with the other kind of range.

    Attributes:
        range: of the description, as JSON.
        accuracy: of the rung adc.
        other_range: the range of the other kind, as JSON.
        other_accuracy: of the same chip with it.
    """

    range: Mapping[str, Any]
    accuracy: float
    other_range: Mapping[str, Any]
    other_accuracy: float

    def to_json(self) -> dict[str, Any]:
        """Entry `adc` of report.json."""
        return {
            "note": NOTE,
            "range": dict(self.range),
            "accuracy": self.accuracy,
            "other_range": {**self.other_range, "accuracy": self.other_accuracy},
        }


@dataclass(frozen=True)
class Conversions:
    """Conversions of one layer of the chip as designed, on all test images.

    Attributes:
        conversions: over all tiles, columns and positions, and all bits and phases that are converted alone.
        clipped: those beyond the last code by more than half an LSB.
    """

    conversions: int
    clipped: int

    def to_json(self) -> dict[str, int]:
        """Entry `adc` of a layer in report.json."""
        return {"conversions": self.conversions, "clipped": self.clipped}
