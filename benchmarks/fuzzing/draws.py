"""Random numbers as descriptions hold them: now ordinary, now at the end of what is allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

Item = TypeVar("Item")
Node = dict[str, Any]


def chance(random: Random, share: float) -> bool:
    """True so often."""
    return random.random() < share


def magnitude(random: Random, low: float, high: float, ends: float = 0.15) -> float:
    """A number from low to high, above 0, its order of magnitude evenly spread; an end of them so often.

    Args:
        random: source.
        low: smallest.
        high: largest.
        ends: share of the draws that are one of the two.
    """
    if chance(random, ends):
        return random.choice((low, high))
    return min(max(math.exp(random.uniform(math.log(low), math.log(high))), low), high)


def ratio(random: Random, usual: float, ends: float = 0.1) -> float:
    """A share: 0, 1, or something up to what is usual."""
    return random.choice((0.0, 1.0)) if chance(random, ends) else random.uniform(0.0, usual)


def some(random: Random, items: Sequence[Item]) -> list[Item]:
    """Any of them, none included, in any order."""
    return random.sample(list(items), random.randint(0, len(items)))


def without_none(node: Node) -> Node:
    """Return a node without its fields that are None."""
    return {key: value for key, value in node.items() if value is not None}
