"""Same numbers in another shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from hwcore.spec.graph.operation import Misfit, Moving, Shape
from hwcore.spec.graph.operations import Operations


@dataclass(frozen=True)
class Reshape(Moving):
    """Same numbers in the same order in another shape.

    Attributes:
        to: shape of one example, without the batch.
    """

    kind: ClassVar[str] = "reshape"
    title: ClassVar[str] = "same numbers in the same order in another shape"

    to: Shape

    def shape(self, *shapes: Shape) -> Shape:
        """`to`, which has as many numbers as the input."""
        if math.prod(shapes[0]) != math.prod(self.to):
            raise Misfit(f"got the shape {self.to} for {shapes[0]}; allowed: {math.prod(shapes[0])} numbers")
        return self.to

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Reshape every example, as for `Stateless`."""
        return x[0].reshape(len(x[0]), *self.to)
