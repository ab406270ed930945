"""Forms of the kinds of nodes in training: in floating point, and for the chip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import nn

from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.computed import Computed
from hwcore.layers.kinds import cell_layer, float_layer
from hwcore.layers.lstm import FloatLstm, HardwareLstm
from hwcore.quant import Method, Staircase, activation_function
from hwcore.spec import (
    INPUT,
    STATE,
    Activate,
    Graph,
    Hardware,
    Levels,
    Lstm,
    Moving,
    Node,
    Normalize,
    Operation,
    Pooling,
    Product,
    Stateless,
    graph_drives,
    has_both_signs,
)

BatchNorm = nn.BatchNorm1d | nn.BatchNorm2d
"""Modules of a normalisation."""
PASSED = Pooling | Moving
"""Operations that pool values or move them."""


@dataclass(frozen=True, eq=False)
class FloatContext:
    """Surroundings of a node in floating point.

    Attributes:
        function: activation function of the hardware.
        generator: source of the initial weights; None: torch's default one.
    """

    function: str
    generator: torch.Generator | None


class HardwareContext:
    """Surroundings of a node that is trained for the chip; nodes share one staircase of each kind.

    Args:
        graph: of the network.
        hardware: the description.
        method: what training mode does.
        generator: source of the initial latent weights; None: torch's default one.
        digital: names of nodes whose weights nothing rounds.
    """

    def __init__(
        self,
        graph: Graph,
        hardware: Hardware,
        method: Method,
        generator: torch.Generator | None,
        digital: Collection[str] = (),
    ) -> None:
        self.graph, self.hardware, self.method, self.generator = graph, hardware, method, generator
        self.levels = Levels.of(hardware)
        values = torch.from_numpy(self.levels.weights.normalized)
        self.weights = Staircase(values, method=method)
        self._digital = {name: Staircase(values, method="identity") for name in digital}
        self.drives = graph_drives(graph, hardware)
        self._of_activations: dict[bool, Staircase] = {}

    def of_weights(self, node: Node) -> Staircase:
        """The staircase of the weights of a node."""
        return self._digital.get(node.name, self.weights)

    def of_activation(self, operation: Activate) -> Staircase | None:
        """The staircase of an activation; None: activations have no bits."""
        activation = self.hardware.activation
        if activation.bits is None:
            return None
        signed = has_both_signs(operation, activation)
        if signed not in self._of_activations:
            self._of_activations[signed] = Staircase(unit_levels(activation, signed), method=self.method)
        return self._of_activations[signed]

    def normalized(self, node: Node) -> bool:
        """Tell whether an activation alone reads a normalisation, pooled or moved or as it is."""
        (source,) = node.inputs
        while source != INPUT and self.graph.only_reader(source) is not None:
            if not isinstance(self.graph[source].operation, PASSED):
                return isinstance(self.graph[source].operation, Normalize)
            (source,) = self.graph[source].inputs
        return False


class FloatActivation(nn.Module):
    """y = f(x), unquantised.

    Args:
        function: relu, sigmoid, tanh or identity.
    """

    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = activation_function(function)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs, of the shape of x."""
        return self.function(x)


@dataclass(frozen=True)
class NodeForms:
    """Forms of a kind of node as modules.

    Attributes:
        floating: as floating point has it.
        hardware: as the chip has it, for training and judging.
    """

    floating: Callable[[Any, Node, FloatContext], nn.Module]
    hardware: Callable[[Any, Node, HardwareContext], nn.Module]


def _float_product(operation: Product, node: Node, context: FloatContext) -> nn.Module:
    return float_layer(operation.plan, context.generator)


def _cells(operation: Product, node: Node, context: HardwareContext) -> nn.Module:
    return cell_layer(
        operation.plan,
        context.hardware,
        levels=context.levels,
        staircase=context.of_weights(node),
        normalized=context.graph.normalization_behind(node.name) is not None,
        lines=context.drives[node.name].lines,
        generator=context.generator,
    )


def _float_lstm(operation: Lstm, node: Node, context: FloatContext) -> nn.Module:
    made = FloatLstm.planned(operation.plan, sequence=operation.sequence)
    made.draw(context.generator)
    return made


def _lstm(operation: Lstm, node: Node, context: HardwareContext) -> nn.Module:
    return HardwareLstm.planned(
        operation.plan,
        context.hardware,
        sequence=operation.sequence,
        levels=context.levels,
        staircase=context.of_weights(node),
        codes=context.of_activation(STATE),
        lines=context.drives[node.name].lines,
        generator=context.generator,
    )


def _normalization(operation: Normalize, node: Node, context: FloatContext | HardwareContext) -> nn.Module:
    (channels, *size) = node.shape
    return nn.BatchNorm2d(channels) if len(size) == 2 else nn.BatchNorm1d(channels)


def _float_activation(operation: Activate, node: Node, context: FloatContext) -> nn.Module:
    return FloatActivation(operation.function_on(context.function))


def _activation(operation: Activate, node: Node, context: HardwareContext) -> nn.Module:
    return HardwareActivation(
        context.hardware.activation,
        staircase=context.of_activation(operation),
        normalized=context.normalized(node),
        operation=operation,
    )


def _computed(operation: Stateless, node: Node, context: FloatContext | HardwareContext) -> nn.Module:
    return Computed(operation)


FORMS: Final[Mapping[Any, NodeForms]] = MappingProxyType(
    {
        Product: NodeForms(_float_product, _cells),
        Lstm: NodeForms(_float_lstm, _lstm),
        Normalize: NodeForms(_normalization, _normalization),
        Activate: NodeForms(_float_activation, _activation),
        Stateless: NodeForms(_computed, _computed),
    }
)
"""Forms by the class of an operation; kinds that only compute share those of `Stateless`."""


def forms_of(operation: Operation) -> NodeForms:
    """Forms of an operation's kind.

    Raises:
        KeyError: the kind has none.
    """
    return FORMS[Stateless if isinstance(operation, Stateless) else type(operation)]
