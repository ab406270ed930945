"""Long short-term memory: products on one array, step after step, and digital gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwcore.spec.derive.plan import LayerPlan
from hwcore.spec.derive.window import Window
from hwcore.spec.graph.kinds.activate import Activate
from hwcore.spec.graph.kinds.product import Product
from hwcore.spec.graph.operation import Misfit, Shape

STATE = Activate("identity", signed=True)
"""Codes of the state, which drives word lines: levels of both signs over a range of its own."""


@dataclass(frozen=True)
class Lstm(Product):
    """c_t = f c_(t-1) + i g and h_t = r S(o tanh(c_t) / r), with (i, f, g, o) of s ((x_t, h_(t-1)) W) + b.

    i, f and o are sigmoids and g is a tanh of their columns, in this order; c and the gates are digital and exact.
    h and c begin at 0. One array computes all steps: the inputs lie on its first word lines, and the state on those
    behind them. Where activations have bits, the state has the nearest of their levels, as an activation has.

    Attributes:
        plan: name, kind "lstm", four bit lines for each unit, and a window of one pixel over inputs and state.
        sequence: whether the states of all steps are the output, or the last one alone.

    Source: S. Hochreiter, J. Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, with the gate f of F. Gers et al. 2000,
        doi:10.1162/089976600300015015.
    """

    kind: ClassVar[str] = "lstm"
    title: ClassVar[str] = "c = f c + i g, h = o tanh(c): products on arrays step after step, digital gates"

    sequence: bool = False

    @staticmethod
    def over(name: str, shape: Shape, units: int, *, sequence: bool = False) -> Lstm:
        """Make the node of so many units over a series.

        Args:
            name: of the node.
            shape: (channels, length) of its input.
            units: from 1.
            sequence: as for the class.

        Raises:
            Misfit: the input is no series.
        """
        if len(shape) != 2:
            raise Misfit(f"{name}: got an input of shape {shape}; allowed: series, (channels, length)")
        channels, length = shape
        return Lstm(LayerPlan(name, "lstm", 4 * units, Window.of(channels + units, (length,))), sequence)

    @property
    def units(self) -> int:
        """Numbers of the state."""
        return self.plan.outputs // 4

    @property
    def length(self) -> int:
        """Steps, each a product of the array."""
        return self.plan.positions

    def shape(self, *shapes: Shape) -> Shape:
        """(units, length) of all states, or (units,) of the last one; as for `Operation`."""
        allowed = (self.plan.window.channels - self.units, self.length)
        if shapes != (allowed,):
            raise Misfit(f"got an input of shape {shapes[0]}; allowed: {allowed}")
        return (self.units, self.length) if self.sequence else (self.units,)
