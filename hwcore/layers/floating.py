"""The network in floating point: what the chip is compared with, and what training for it starts from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.float_layer import FloatLayer
from hwcore.layers.graph_module import GraphModule
from hwcore.layers.node_forms import FloatContext, forms_of
from hwcore.spec import Graph, Node, activation_of


class FloatNetwork(GraphModule):
    """The graph of a network as floating point has it.

    Args:
        graph: of the network.
        function: of activations without one of their own: relu, sigmoid or tanh.
        generator: source of the initial weights; None: torch's default one.
    """

    def __init__(self, graph: Graph, function: str, *, generator: torch.Generator | None = None) -> None:
        super().__init__(graph)
        context = FloatContext(function, generator)
        self.steps = nn.ModuleList(
            forms_of(node.operation).floating(node.operation, node, context) for node in graph.nodes
        )

    def affine(self) -> list[tuple[Float[Tensor, "outputs ..."], Float[Tensor, " outputs"]]]:
        """Weights and bias of every layer."""
        return [layer.affine() for layer in self.layers]

    @property
    def layers(self) -> list[FloatLayer]:
        """The layers with weights, in the order of the plan."""
        return [step for step in self.steps if isinstance(step, FloatLayer)]

    def hidden(self, x: Float[Tensor, "batch inputs"]) -> Iterator[tuple[str, Float[Tensor, "batch ..."]]]:
        """Yield the name and the outputs of every activation and every recurrent node, from input to output."""
        for node, output in self._outputs(x, _computed):
            if activation_of(node.operation) is not None:
                yield node.name, output

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch outputs"]:
        """Outputs of the last node. Examples come flattened, channel after channel and row after row."""
        for _, output in self._outputs(x, _computed):
            x = output
        return x


def _computed(node: Node, step: nn.Module, read: Sequence[Tensor]) -> Tensor:
    output: Tensor = step(*read)
    return output
