"""The ladder of a report as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def ladder_lines(ladder: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One line per rung: stage, test accuracy in percent with its standard deviation, and the counts behind it."""
    if not ladder:
        return
    width = max(len("stage"), *(len(str(rung.get("stage"))) for rung in ladder))
    yield f"{'stage':<{width}}  accuracy      std   images  chips"
    for rung in ladder:
        std = rung.get("std")
        chips = rung.get("chips")
        yield (
            f"{rung.get('stage')!s:<{width}}  {100 * rung['accuracy']:6.2f} %  "
            f"{f'{100 * std:5.2f}' if std is not None else '    -':>7}  {rung.get('count', '-')!s:>7}  "
            f"{'-' if chips is None else chips!s:>5}"
        )
