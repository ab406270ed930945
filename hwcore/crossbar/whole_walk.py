"""The walk through a network whose digital side computes in whole numbers: codes of arrays, registers, codes again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from jaxtyping import Float64, Int64
from torch import Tensor

from hwcore.digital import DigitalNodes, SumRegisters, as_maps
from hwcore.mapping import MappedLayer, MappedNetwork
from hwcore.spec import INPUT, Product

CodesOf = Callable[[MappedLayer, Iterator[Tensor]], Iterable[Tensor]]
"""Codes (terms, products, cols) of a layer for the values (batch, *shape) that every batch drives it with, in order."""
Tell = Callable[[str, Tensor], None]
"""Called with the name of a node and its output in whole numbers."""


def whole_walk(
    network: MappedNetwork,
    layers: Mapping[str, SumRegisters],
    nodes: DigitalNodes,
    inputs: Iterable[Float64[Tensor, "_batch _inputs"]],
    codes_of: CodesOf,
    tell: Tell | None = None,
) -> list[Float64[Tensor, "_batch ..."]]:
    """Take batches of inputs through all nodes, each node for all batches before the next one.

    Args:
        network: the graph.
        layers: registers behind the arrays of every layer, by its name.
        nodes: the digital side apart from them.
        inputs: DAC codes times LSB, full scale 1; examples flattened row after row.
        codes_of: the arrays.
        tell: told the output of every node, batch after batch: sums of arrays, codes of activations.

    Returns:
        Outputs of every batch: the values that its whole numbers stand for.
    """
    graph, formats = network.graph, nodes.formats
    values = {INPUT: [_codes(x, formats[INPUT].unit).reshape(len(x), *graph.input_shape) for x in inputs]}
    for node in graph.nodes:
        read = [values[name] for name in node.inputs]
        if isinstance(node.operation, Product):
            layer, source = network[node.name], formats[node.inputs[0]]
            every = codes_of(layer, map(source.value, read[0]))
            found = [as_maps(layers[node.name].sums(codes), layer.plan.window) for codes in every]
        else:
            found = [nodes.output(node, *each) for each in zip(*read, strict=True)]
        if tell is not None:
            for output in found:
                tell(node.name, output)
        values[node.name] = found
        for dead in graph.dead_after.get(node.name, ()):
            del values[dead]
    return [formats[graph.output.name].value(n) for n in values[graph.output.name]]


def _codes(x: Tensor, lsb: float) -> Int64[Tensor, "batch inputs"]:
    codes: Tensor = (x.double() / lsb).round().long()
    return codes
