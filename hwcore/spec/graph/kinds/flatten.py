"""Map as a vector."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from hwcore.spec.graph.operation import Moving, Shape
from hwcore.spec.graph.operations import Operations


@dataclass(frozen=True)
class Flatten(Moving):
    """(channels, height, width) as (units,): channel after channel, row after row."""

    kind: ClassVar[str] = "flatten"
    title: ClassVar[str] = "map as a vector, channel after channel and row after row"

    def shape(self, *shapes: Shape) -> Shape:
        """(units,)."""
        return (math.prod(shapes[0]),)

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Flatten all but the batch, as for `Stateless`."""
        return x[0].flatten(1)
