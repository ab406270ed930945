"""The walk through a network, node by node: drives and currents of arrays, and digital operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.crossbar.recurrence import Recurrence
from hwcore.crossbar.word_lines import layer_drive
from hwcore.digital import OPERATIONS, SumRegisters, activated, as_maps, normalized
from hwcore.mapping import MappedActivation, MappedLayer, MappedNetwork, MappedNormalization
from hwcore.spec import INPUT, Lstm, Node, Product, Stateless

CurrentsOf = Callable[[MappedLayer, Iterator[Tensor]], Iterable[Tensor]]
"""Currents (products, cols) of a layer for the drives (products, drives) of every batch, in their order."""

Watch = Callable[[Node, Sequence[Tensor], Tensor], None]
"""Called with a digital node, what it reads and what it gives."""


def walk(
    network: MappedNetwork,
    inputs: Iterable[Tensor],
    currents_of: CurrentsOf,
    registers: Mapping[str, SumRegisters] | None = None,
    watch: Watch | None = None,
) -> list[Tensor]:
    """Take batches of inputs through all nodes, each node for all batches before the next one.

    Args:
        network: the graph, its digital part, and where the kernels of convolutions stand.
        inputs: (batch, inputs) each: DAC codes times LSB, full scale 1; examples flattened row after row.
        currents_of: the arrays. It is given the drives one batch at a time: memory is taken for one of them where it
            does not keep them. Those of a recurrent array are a `Recurrence`, and the currents of each step must be
            given before the drives of the next are taken. Of a layer with registers it gives codes (terms, products,
            cols) in place of currents.
        registers: of layers whose scale and bias are whole numbers, by name; all others compute exactly.
        watch: shown every digital node, batch after batch.

    Returns:
        Outputs (batch, outputs) of every batch.
    """
    graph, known = network.graph, {} if registers is None else registers
    values = {INPUT: [x.reshape(len(x), *graph.input_shape) for x in inputs]}
    for node in graph.nodes:
        read = [values[name] for name in node.inputs]
        if isinstance(node.operation, Lstm):
            outputs = _recurrent(network, node, node.operation, read[0], currents_of)
        elif isinstance(node.operation, Product):
            layer, found = network[node.name], known.get(node.name)
            currents = currents_of(layer, _drives(read[0], layer))
            outputs = [_sums(current, layer, found).to(read[0][0].dtype) for current in currents]
        else:
            outputs = []
            for each in zip(*read, strict=True):
                outputs.append(digital_output(network, node, *each))
                if watch is not None:
                    watch(node, each, outputs[-1])
        values[node.name] = outputs
        for dead in graph.dead_after.get(node.name, ()):
            del values[dead]
    return values[graph.output.name]


def _sums(current: Tensor, layer: MappedLayer, registers: SumRegisters | None) -> Tensor:
    """Outputs of a layer: of its currents, or of its codes where it has registers."""
    if registers is None:
        return layer_output(current, layer)
    return as_maps(registers.sums(current).double() * 2.0**registers.exponent, layer.plan.window)


def _recurrent(
    network: MappedNetwork, node: Node, operation: Lstm, read: list[Tensor], currents_of: CurrentsOf
) -> list[Tensor]:
    """Outputs of a recurrent node for every batch."""
    layer, state = network[node.name], network.nodes[node.name]
    if not isinstance(state, MappedActivation):
        raise TypeError(f"{node.name}: got {type(state).__name__}; allowed: the numbers of an activation")
    steps = Recurrence(read, operation, layer, state)
    return steps.outputs(currents_of(layer, steps))


def _drives(parts: Iterable[Tensor], layer: MappedLayer) -> Iterator[Tensor]:
    return (layer_drive(x, layer) for x in parts)


def layer_output(current: Float[Tensor, "products cols"], layer: MappedLayer) -> Float[Tensor, "batch ..."]:
    """Sums of a layer behind the digital scale and bias of each column, one map for every column of a convolution."""
    digital = layer.digital
    x = torch.addcmul(digital.bias.to(current.dtype), current, digital.scale.to(current.dtype))
    return as_maps(x, layer.plan.window)


def digital_output(network: MappedNetwork, node: Node, *x: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
    """Outputs of a digital node.

    Args:
        network: has the numbers of the node, where it has any.
        node: of its graph, no array.
        x: values of the nodes that it reads.

    Raises:
        TypeError: the node is neither a function alone nor has numbers of a known type.
    """
    numbers = network.nodes.get(node.name)
    if isinstance(numbers, MappedActivation):
        return activated(x[0], numbers)
    if isinstance(numbers, MappedNormalization):
        return normalized(x[0], numbers)
    if not isinstance(node.operation, Stateless):
        raise TypeError(f"{node.name}: got {node.kind} without numbers; allowed: those of `hwcore.mapping.MappedNode`")
    result: Tensor = node.operation.compute(OPERATIONS, *x)
    return result
