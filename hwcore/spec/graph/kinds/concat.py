"""Channels of several branches side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operation import Misfit, Shape, Stateless
from hwcore.spec.graph.operations import Operations
from hwcore.spec.graph.value_range import ValueRange, joined


@dataclass(frozen=True)
class Concat(Stateless):
    """y = (a, b, ...): the channels of all inputs, one after the other."""

    kind: ClassVar[str] = "concat"
    title: ClassVar[str] = "channels of all inputs, one after the other"
    inputs: ClassVar[tuple[int, int]] = (2, 64)

    def shape(self, *shapes: Shape) -> Shape:
        """(sum of channels, *map)."""
        maps = {shape[1:] for shape in shapes}
        if len(maps) > 1:
            raise Misfit(f"got inputs of the shapes {', '.join(map(str, shapes))}; allowed: maps of the same size")
        return sum(shape[0] for shape in shapes), *shapes[0][1:]

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Range that holds those of all inputs; codes where all have the same."""
        return joined(ranges)

    @property
    def whole_numbers(self) -> Literal["codes"]:
        """Outputs that are inputs."""
        return "codes"

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Join along the channels, as for `Stateless`."""
        return ops.concat(x)
