"""Map as a vector."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operation import Shape, Stateless
from hwcore.spec.graph.operations import Operations
from hwcore.spec.graph.value_range import ValueRange


@dataclass(frozen=True)
class Flatten(Stateless):
    """(channels, height, width) as (units,): channel after channel, row after row."""

    kind: ClassVar[str] = "flatten"
    title: ClassVar[str] = "map as a vector, channel after channel and row after row"

    def shape(self, *shapes: Shape) -> Shape:
        """(units,)."""
        return (math.prod(shapes[0]),)

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Range of the input."""
        return ranges[0]

    @property
    def whole_numbers(self) -> Literal["codes"]:
        """Outputs that are inputs."""
        return "codes"

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Flatten all but the batch, as for `Stateless`."""
        return x[0].flatten(1)
