"""Range of the numbers on an edge of a graph: how large they are, of which signs, and whether they are codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ValueRange:
    """Range of the numbers that a node gives to the nodes behind it.

    Attributes:
        limit: largest |value|, without unit; None: nothing limits it. While a range is trained it is a tensor of it.
        signed: whether values have both signs, or go from 0.
        bits: of the codes that the values are, spread evenly over the range; None: they are no codes.
    """

    limit: Any | None = None
    signed: bool = True
    bits: int | None = None


UNLIMITED = ValueRange()
"""Range of a sum: of both signs, without limit."""


def joined(ranges: tuple[ValueRange, ...]) -> ValueRange:
    """Range of values of which each comes from one of several nodes: the largest limit; codes where all are the same.

    Args:
        ranges: at least one.
    """
    first, *others = ranges
    # Limits that are None are not known to be the same.
    if first.limit is not None and all(each == first for each in others):
        return first
    limits = [each.limit for each in ranges if each.limit is not None]
    limit = max(limits) if len(limits) == len(ranges) else None
    return ValueRange(limit, any(each.signed for each in ranges))
