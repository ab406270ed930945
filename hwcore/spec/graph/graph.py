"""Directed graph of a network, from its inputs to its output."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from hwcore.spec.derive.plan import Plan
from hwcore.spec.graph.kinds.activate import Activate
from hwcore.spec.graph.kinds.lstm import STATE, Lstm
from hwcore.spec.graph.kinds.normalize import Normalize
from hwcore.spec.graph.kinds.pool import MapPool
from hwcore.spec.graph.kinds.product import Product
from hwcore.spec.graph.node import INPUT, Node
from hwcore.spec.graph.operation import Operation, Shape
from hwcore.spec.graph.value_range import ValueRange


def activation_of(operation: Operation) -> Activate | None:
    """The activation whose codes a node gives, of a recurrent node that of its state; None: it gives no codes."""
    if isinstance(operation, Lstm):
        return STATE
    return operation if isinstance(operation, Activate) else None


@dataclass(frozen=True)
class Graph:
    """Nodes in an order in which each comes after those that it reads. The last one is the output.

    `graph_of` makes one and checks it.

    Attributes:
        input_shape: of one example.
        nodes: at least one.
        signed_inputs: whether inputs have both signs, or go from 0.
    """

    input_shape: Shape
    nodes: tuple[Node, ...]
    signed_inputs: bool = False

    def __getitem__(self, name: str) -> Node:
        """The node of this name.

        Raises:
            KeyError: there is none.
        """
        return self._by_name[name]

    @property
    def output(self) -> Node:
        """The node whose values are the output of the network."""
        return self.nodes[-1]

    @functools.cached_property
    def layers(self) -> Plan:
        """The plans of the array nodes, in order."""
        return tuple(node.operation.plan for node in self.nodes if isinstance(node.operation, Product))

    def of_kind(self, kind: type[Operation]) -> Iterator[Node]:
        """Yield the nodes of one kind, in order."""
        return (node for node in self.nodes if isinstance(node.operation, kind))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the nodes, in order."""
        return tuple(self._by_name)

    @functools.cached_property
    def _by_name(self) -> Mapping[str, Node]:
        return {node.name: node for node in self.nodes}

    @functools.cached_property
    def _readers(self) -> Mapping[str, tuple[Node, ...]]:
        found: dict[str, tuple[Node, ...]] = dict.fromkeys((INPUT, *self._by_name), ())
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                found[name] += (node,)
        return found

    def readers(self, name: str) -> tuple[Node, ...]:
        """The nodes that read the values of this one, in order."""
        return self._readers[name]

    @functools.cached_property
    def dead_after(self) -> Mapping[str, tuple[str, ...]]:
        """Values that nobody reads after a node, by its name: memory holds what is still to be read."""
        last = {name: node.name for node in self.nodes for name in node.inputs}
        found: dict[str, tuple[str, ...]] = {}
        for name, reader in last.items():
            found[reader] = (*found.get(reader, ()), name)
        return found

    def only_reader(self, name: str) -> Node | None:
        """The one node that reads these values; None: none or several do, or they are the output."""
        readers = self.readers(name)
        return readers[0] if len(readers) == 1 and name != self.output.name else None

    def normalization_behind(self, layer: str) -> Node | None:
        """The normalisation that is folded into the digital scale and bias of an array: the only reader of its sums."""
        reader = self.only_reader(layer)
        if reader is None or isinstance(self[layer].operation, Lstm):
            # What comes out of a recurrent node are its states, and no sums.
            return None
        return reader if isinstance(reader.operation, Normalize) else None

    def folded(self) -> Graph:
        """The graph without the normalisations that are folded into arrays."""
        gone = {node.name: node.inputs[0] for node in self.nodes if self._is_folded(node)}
        kept = (node for node in self.nodes if node.name not in gone)
        nodes = (replace(node, inputs=tuple(gone.get(name, name) for name in node.inputs)) for node in kept)
        return replace(self, nodes=tuple(nodes))

    def _is_folded(self, node: Node) -> bool:
        if not isinstance(node.operation, Normalize) or node.inputs[0] == INPUT:
            return False
        source = self[node.inputs[0]]
        return isinstance(source.operation, Product) and self.normalization_behind(source.name) == node

    def tail(self, layer: str) -> Tail:
        """The digital operations that belong to an array alone: pooling and activation right behind its sums."""
        pool = activation = None
        if isinstance(self[layer].operation, Lstm):
            return Tail(None, None)
        node = self.normalization_behind(layer) or self[layer]
        reader = self.only_reader(node.name)
        if reader is not None and isinstance(reader.operation, MapPool):
            pool, reader = reader, self.only_reader(reader.name)
        if reader is not None and isinstance(reader.operation, Activate):
            activation = reader
        elif pool is not None:
            # A pooling alone stands for itself.
            pool = None
        return Tail(pool, activation)

    def ranges(self, first: ValueRange, activations: Callable[[Node], ValueRange]) -> dict[str, ValueRange]:
        """Range of the values of every node, by its name, and of the inputs.

        Args:
            first: of the inputs.
            activations: range of the codes of a node that has an activation (see `activation_of`).
        """
        found = {INPUT: first}
        for node in self.nodes:
            known = (found[name] for name in node.inputs)
            coded = activation_of(node.operation) is not None
            found[node.name] = activations(node) if coded else node.operation.range(*known)
        return found


@dataclass(frozen=True)
class Tail:
    """Digital operations right behind the sums of an array, each the only reader of the one before.

    Attributes:
        pool: of the map; None: there is none.
        activation: None: there is none.
    """

    pool: Node | None
    activation: Node | None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the nodes."""
        return tuple(node.name for node in (self.pool, self.activation) if node is not None)
