"""Pooling over a whole map: the largest value, or the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operation import Misfit, Shape, Stateless
from hwcore.spec.graph.operations import Operations
from hwcore.spec.graph.value_range import ValueRange


@dataclass(frozen=True)
class GlobalPool(Stateless):
    """Largest value or mean of the whole map of every channel.

    Attributes:
        type: max or average.
    """

    kind: ClassVar[str] = "global_pool"
    title: ClassVar[str] = "largest value or mean of a whole map"

    type: Literal["max", "average"] = "average"

    def shape(self, *shapes: Shape) -> Shape:
        """(channels,)."""
        (shape,) = shapes
        if len(shape) < 2:
            raise Misfit(f"got an input of shape {shape}; allowed: channels and a map")
        return shape[:1]

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Range of the input; a mean of codes is none of them."""
        (given,) = ranges
        return given if self.type == "max" else ValueRange(given.limit, given.signed)

    @property
    def whole_numbers(self) -> Literal["codes", "sums"]:
        """The largest is one of the inputs, a mean is not."""
        return "codes" if self.type == "max" else "sums"

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Pool every map, as for `Stateless`."""
        whole = tuple(x[0].shape[2:])
        pool = ops.max_pool if self.type == "max" else ops.average_pool
        return pool(x[0], whole, whole, (0,) * len(whole)).flatten(1)
