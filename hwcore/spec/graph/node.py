"""Named node of a graph."""

from __future__ import annotations

from dataclasses import dataclass

from hwcore.spec.graph.operation import Operation, Shape

INPUT = "input"
"""Name of the edge that the inputs of the network come in on."""


@dataclass(frozen=True)
class Node:
    """One operation of a network.

    Attributes:
        name: "conv1", "conv1_norm", "add1", ...: its own in the graph, of the characters a-z, 0-9, _ and -.
        operation: its kind, with its fields.
        inputs: names of the nodes that it reads, or `INPUT`.
        in_shapes: of these, without the batch.
        shape: of the output, without the batch.
    """

    name: str
    operation: Operation
    inputs: tuple[str, ...]
    in_shapes: tuple[Shape, ...]
    shape: Shape

    @property
    def kind(self) -> str:
        """Word for the kind of the operation."""
        return self.operation.kind
