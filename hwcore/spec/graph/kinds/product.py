"""Array node: products of weights on cells and drives of word lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwcore.spec.derive.plan import LayerPlan
from hwcore.spec.graph.operation import Misfit, Operation, Shape


@dataclass(frozen=True)
class Product(Operation):
    """z_j = s_j sum_i W_ji x_i + b_j at every position of a window: the array nodes, dense and convolutional.

    Attributes:
        plan: name, kind, bit lines and window.
    """

    kind: ClassVar[str] = "product"
    title: ClassVar[str] = "z = s (x W) + b on arrays, dense or at every position of a kernel"

    plan: LayerPlan

    def shape(self, *shapes: Shape) -> Shape:
        """Shape of the sums: (outputs, *map); as for `Operation`."""
        if shapes != (self.plan.in_shape,):
            raise Misfit(f"got an input of shape {shapes[0]}; allowed: {self.plan.in_shape}")
        return self.plan.out_shape
