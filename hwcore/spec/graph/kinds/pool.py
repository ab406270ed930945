"""Pooling over squares of a map: the largest value, or the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operation import Misfit, Pooling, Shape
from hwcore.spec.graph.operations import Operations, Pixels


@dataclass(frozen=True)
class MapPool(Pooling):
    """Largest value or mean of every square of a map; pixels beyond the last whole square are dropped.

    Attributes:
        type: max or average.
        size: edges of the square, pixels; one for every direction.
        stride: step from one square to the next, pixels; as `size`.
        padding: pixels on either side, at most half a square: for max never the largest, for average zeros.
    """

    kind: ClassVar[str] = "pool"
    title: ClassVar[str] = "largest value or mean of every square of a map"

    size: Pixels
    stride: Pixels
    padding: Pixels

    @staticmethod
    def touching(type: Literal["max", "average"], edge: int, directions: int) -> MapPool:
        """Pool over squares that touch and do not overlap."""
        square = (edge,) * directions
        return MapPool(type, square, square, (0,) * directions)

    def shape(self, *shapes: Shape) -> Shape:
        """(channels, *map) with floor((length + 2 padding - size) / stride) + 1 squares in every direction."""
        ((channels, *lengths),) = shapes
        if len(lengths) != len(self.size):
            raise Misfit(f"got an input of shape {shapes[0]}; allowed: channels and {len(self.size)} directions")
        if any(2 * pad > size for size, pad in zip(self.size, self.padding, strict=True)):
            raise Misfit(f"got margins of {self.padding} for squares of {self.size}; allowed: at most half a square")
        each = zip(lengths, self.size, self.stride, self.padding, strict=True)
        squares = tuple((length + 2 * pad - size) // stride + 1 for length, size, stride, pad in each)
        if min(squares) < 1:
            raise Misfit(f"got a map of {lengths} pixels; allowed: at least {self.size}")
        return channels, *squares

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Pool every map, as for `Stateless`."""
        return self.pool(ops, x[0], self.size, self.stride, self.padding)
