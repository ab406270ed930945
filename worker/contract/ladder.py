"""The ladder of a report, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def ladder_lines(ladder: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A heading, then a line per stage: test accuracy in percent, its standard deviation, the counts behind it."""
    width = max((len(str(rung["stage"])) for rung in ladder), default=0)
    yield f"{'stage':<{width}}  accuracy       std   images  chips"
    for rung in ladder:
        std, chips = rung.get("std"), rung.get("chips")
        deviation = "-" if std is None else f"{100 * std:.2f} %"
        yield (
            f"{rung['stage']:<{width}}  {100 * rung['accuracy']:6.2f} %  {deviation:>8}  {rung['count']:>7}  "
            f"{'-' if chips is None else chips:>5}"
        )
