"""Pooling over a whole map: the largest value, or the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operation import Misfit, Pooling, Shape
from hwcore.spec.graph.operations import Operations


@dataclass(frozen=True)
class GlobalPool(Pooling):
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

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Pool every map, as for `Stateless`."""
        whole = tuple(x[0].shape[2:])
        return self.pool(ops, x[0], whole, whole, (0,) * len(whole)).flatten(1)
