"""Activation: a function, then codes over a range of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from hwcore.spec.graph.operation import Operation, Shape

Function = Literal["relu", "sigmoid", "tanh", "identity"]


@dataclass(frozen=True)
class Activate(Operation):
    """y = r S(f(x) / r): the function, and where the hardware has bits the nearest of its levels over the range r.

    Attributes:
        function: f; None: that of the hardware. "identity": the levels alone, as where sums drive word lines.
        signed: whether the levels of an identity go from -r to r, or from 0; None: as those of the function of the
            hardware. Of another function it follows.
    """

    kind: ClassVar[str] = "activate"
    title: ClassVar[str] = "y = r S(f(x) / r): function and levels over a range of its own"

    function: Function | None = None
    signed: bool | None = None

    def function_on(self, of_hardware: str) -> str:
        """f: its own, or that of the hardware."""
        return self.function or of_hardware

    def shape(self, *shapes: Shape) -> Shape:
        """Shape of the input."""
        return shapes[0]
