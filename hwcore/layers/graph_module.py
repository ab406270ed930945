"""Module of a graph: one step for each node, and the walk from the inputs to the output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from torch import Tensor, nn

from hwcore.layers.node_forms import BatchNorm
from hwcore.spec import INPUT, Graph, Node, Plan

Take = Callable[[Node, nn.Module, Sequence[Tensor]], Tensor]
"""Output of a node: of its module, for the values that it reads."""


class GraphModule(nn.Module):
    """A graph with a module for each node, whatever its form.

    Args:
        graph: of the network.

    Attributes:
        steps: modules of the nodes, in order; a subclass makes them.
    """

    steps: nn.ModuleList

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph

    @property
    def plan(self) -> Plan:
        """The arrays of the graph."""
        return self.graph.layers

    @property
    def named_steps(self) -> dict[str, nn.Module]:
        """Modules by the names of their nodes, in order."""
        return dict(zip(self.graph.names, self.steps, strict=True))

    @property
    def norms(self) -> list[BatchNorm]:
        """The normalisations, in order."""
        return [step for step in self.steps if isinstance(step, BatchNorm)]

    def module_of(self, name: str) -> nn.Module:
        """The module of a node.

        Raises:
            KeyError: there is no such node.
        """
        return self.named_steps[name]

    def _outputs(self, x: Tensor, take: Take) -> Iterator[tuple[Node, Tensor]]:
        """Yield every node and its output, from input to output; values that nobody reads any more are let go.

        Args:
            x: examples flattened, channel after channel and row after row.
            take: computes a node.
        """
        values = {INPUT: x.reshape(len(x), *self.graph.input_shape)}
        dead_after = self.graph.dead_after
        for node, step in zip(self.graph.nodes, self.steps, strict=True):
            values[node.name] = take(node, step, [values[name] for name in node.inputs])
            yield node, values[node.name]
            for name in dead_after.get(node.name, ()):
                del values[name]
