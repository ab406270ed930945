"""Hard swish, the activation of MobileNetV3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hwcore.spec.graph.operation import Shape, Stateless
from hwcore.spec.graph.operations import Operations
from hwcore.spec.graph.value_range import ValueRange


@dataclass(frozen=True)
class HardSwish(Stateless):
    """y = x min(max(x + 3, 0), 6) / 6: 0 up to -3, x from 3 on, and -3/8 at the least.

    Source: A. Howard et al. 2019, Searching for MobileNetV3, arXiv:1905.02244.
    """

    kind: ClassVar[str] = "hard_swish"
    title: ClassVar[str] = "y = x min(max(x + 3, 0), 6) / 6"

    def shape(self, *shapes: Shape) -> Shape:
        """Shape of the input."""
        return shapes[0]

    def range(self, *ranges: ValueRange) -> ValueRange:
        """Range of the input, which |y| never passes; values are no codes."""
        (given,) = ranges
        return ValueRange(given.limit, given.signed)

    @property
    def whole_numbers(self) -> Literal["table"]:
        """An entry of a table for every number."""
        return "table"

    def compute(self, ops: Operations, *x: Any) -> Any:
        """Compute every element, as for `Stateless`."""
        return x[0] * (x[0] + 3).clip(0, 6) / 6
