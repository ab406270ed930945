"""Nodes without anything of their own, as modules."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from hwcore.digital import OPERATIONS
from hwcore.spec import Stateless


class Computed(nn.Module):
    """Computes the function of an operation, the same in every mode and on every chip.

    Args:
        operation: of the node.
    """

    def __init__(self, operation: Stateless) -> None:
        super().__init__()
        self.operation = operation

    def forward(self, *x: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
        """Outputs for a batch."""
        result: Tensor = self.operation.compute(OPERATIONS, *x)
        return result

    def extra_repr(self) -> str:
        """Kind and fields, for `print`."""
        return repr(self.operation)
