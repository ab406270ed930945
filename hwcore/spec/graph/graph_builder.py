"""Builder of graphs: adds nodes one after the other, and works out their shapes."""

from __future__ import annotations

import re

from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.kinds.normalize import Normalize
from hwcore.spec.graph.kinds.product import Product
from hwcore.spec.graph.node import INPUT, Node
from hwcore.spec.graph.operation import Misfit, Operation, Shape

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
"""Pattern of a node's name, which is also a name of files."""


class GraphBuilder:
    """Adds nodes to a graph; each reads nodes that are there already.

    Args:
        input_shape: of one example.
    """

    def __init__(self, input_shape: Shape) -> None:
        self.input_shape = input_shape
        self.nodes: dict[str, Node] = {}

    def shape(self, name: str) -> Shape:
        """Shape of the values of a node, or of the inputs."""
        return self.input_shape if name == INPUT else self.nodes[name].shape

    def add(self, name: str, operation: Operation, *inputs: str) -> str:
        """Add a node and return its name.

        Args:
            name: another one than all before, of the characters a-z, 0-9, _ and -.
            operation: with its fields.
            inputs: names of the nodes that it reads; none: the one that was added last, or the inputs.

        Raises:
            Misfit: a name that is taken or not allowed, an array of another name, an input that is not there, shapes
                that do not fit, or a normalisation right behind another, which would not be told from a folded one.
        """
        if name == INPUT or name in self.nodes or not NAME.fullmatch(name):
            allowed = "another name, of the characters a-z, 0-9, _ and -"
            raise Misfit(f"name: got {name!r}, which is taken or no name; allowed: {allowed}")
        inputs = inputs or (next(reversed(self.nodes), INPUT),)
        if isinstance(operation, Normalize) and any(self._is_normalization(each) for each in inputs):
            raise Misfit(f"{name}: got a normalisation right behind another; allowed: behind any other node")
        missing = [each for each in inputs if each != INPUT and each not in self.nodes]
        if missing:
            raise Misfit(f"{name}: got the input {missing[0]!r}; allowed: {', '.join((INPUT, *self.nodes))}")
        fewest, most = operation.inputs
        if not fewest <= len(inputs) <= most:
            raise Misfit(f"{name}: got {len(inputs)} inputs; allowed: {fewest} to {most}")
        shapes = tuple(map(self.shape, inputs))
        if isinstance(operation, Product) and operation.plan.name != name:
            raise Misfit(f"{name}: got an array of the name {operation.plan.name!r}; allowed: that of its node")
        try:
            shape = operation.shape(*shapes)
        except Misfit as error:
            raise Misfit(f"{name}: {error}") from error
        self.nodes[name] = Node(name, operation, inputs, shapes, shape)
        return name

    def _is_normalization(self, name: str) -> bool:
        return name in self.nodes and isinstance(self.nodes[name].operation, Normalize)

    def graph(self) -> Graph:
        """The graph of all nodes; the one that was added last is the output.

        Raises:
            Misfit: there is no node, or one that nobody reads.
        """
        if not self.nodes:
            raise Misfit("nodes: got none; allowed: one or more")
        nodes = tuple(self.nodes.values())
        read = {name for node in nodes for name in node.inputs}
        unread = [node.name for node in nodes[:-1] if node.name not in read]
        if unread:
            raise Misfit(f"{unread[0]}: got a node that nobody reads; allowed: that of the output alone")
        return Graph(self.input_shape, nodes)
