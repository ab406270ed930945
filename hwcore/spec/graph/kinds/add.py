"""Sum of two branches, as at the end of a residual block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operation import Misfit, Shape, Stateless
from hwcore.spec.graph.operations import Operations
from hwcore.spec.graph.value_range import ValueRange


@dataclass(frozen=True)
class Add(Stateless):
    """y = a + b."""

    kind: ClassVar[str] = "add"
    title: ClassVar[str] = "y = a + b"
    inputs: ClassVar[tuple[int, int]] = (2, 2)

    def shape(self, *shapes: Shape) -> Shape:
        """Shape of both inputs."""
        one, other = shapes
        if one != other:
            raise Misfit(f"got inputs of the shapes {one} and {other}; allowed: two of the same shape")
        return one

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Sum of both limits; a sum of codes is none of them."""
        one, other = ranges
        limit = None if one.limit is None or other.limit is None else one.limit + other.limit
        return ValueRange(limit, one.signed or other.signed)

    @property
    def whole_numbers(self) -> Literal["sums"]:
        """Sums of whole numbers of one unit."""
        return "sums"

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Add, as for `Stateless`."""
        one, other = x
        return one + other
