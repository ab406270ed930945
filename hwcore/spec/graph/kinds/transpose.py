"""Axes in another order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from hwcore.spec.graph.operation import Misfit, Moving, Shape
from hwcore.spec.graph.operations import Operations


@dataclass(frozen=True)
class Transpose(Moving):
    """Axes of one example in another order.

    Attributes:
        axes: a permutation of 0, 1, ...: output axis i is input axis axes[i]; the batch is not among them.
    """

    kind: ClassVar[str] = "transpose"
    title: ClassVar[str] = "axes in another order"

    axes: tuple[int, ...]

    def shape(self, *shapes: Shape) -> Shape:
        """Lengths of the axes in their new order."""
        (shape,) = shapes
        if sorted(self.axes) != list(range(len(shape))):
            raise Misfit(f"got the axes {self.axes} for {shape}; allowed: a permutation of its {len(shape)} axes")
        return tuple(shape[axis] for axis in self.axes)

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Permute the axes of every example, as for `Stateless`."""
        return x[0].permute(0, *(axis + 1 for axis in self.axes))
