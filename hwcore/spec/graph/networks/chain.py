"""Chain of layers: array, normalisation, pooling, activation, and so on to the last array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hwcore.spec.derive.plan import LayerPlan, dense_plan
from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.kinds import Activate, Flatten, Lstm, MapPool, Normalize, Product
from hwcore.spec.graph.node import INPUT, Node
from hwcore.spec.jobs.convolution import Pool
from hwcore.spec.jobs.model_fields import Normalization

NO_POOLS: Mapping[str, Pool] = MappingProxyType({})


def dense_graph(widths: Sequence[int], normalization: Normalization = "none") -> Graph:
    """Dense layers between these widths: `chain_graph` of `dense_plan`."""
    return chain_graph(dense_plan(widths), normalization)


def is_chain(graph: Graph) -> bool:
    """Tell whether a graph is layers one behind another: each an array, a pooling and an activation or neither.

    Maps may be flattened on the way. Squares of a pooling touch and do not overlap.

    Args:
        graph: without the normalisations that are folded into arrays.
    """
    last = INPUT
    for layer in graph.layers:
        node = graph[layer.name]
        if isinstance(node.operation, Lstm):
            return False
        (source,) = node.inputs
        if source not in (last, INPUT) and isinstance(graph[source].operation, Flatten):
            (source,) = graph[source].inputs
        if source != last:
            return False
        tail = graph.tail(layer.name)
        if tail.pool is not None and not _touching(tail.pool):
            return False
        last = (layer.name, *tail.names)[-1]
    return last == graph.output.name


def _touching(node: Node) -> bool:
    pool = node.operation
    return isinstance(pool, MapPool) and pool == MapPool.touching(pool.type, pool.size[0], len(pool.size))


def chain_graph(
    layers: Sequence[LayerPlan], normalization: Normalization = "none", pools: Mapping[str, Pool] = NO_POOLS
) -> Graph:
    """Put layers one behind another, with the activation of the hardware between them.

    Behind the array fc1 there are fc1_norm, fc1_pool where it is pooled, and fc1_act. Behind the last array there is
    nothing. A layer of vectors behind maps reads them flattened.

    Args:
        layers: from input to output, at least one.
        normalization: batch, behind every array but the last, or none.
        pools: by name of the layer whose maps are pooled before the activation.

    Raises:
        Misfit: a layer does not fit on the one before.
    """
    builder = GraphBuilder(layers[0].in_shape)
    for number, layer in enumerate(layers, 1):
        if number > 1 and not layer.window.moves and layers[number - 2].window.moves:
            builder.add("flatten", Flatten())
        builder.add(layer.name, Product(layer))
        if number == len(layers):
            break
        if normalization == "batch":
            builder.add(f"{layer.name}_norm", Normalize())
        if layer.name in pools:
            pool = pools[layer.name]
            builder.add(f"{layer.name}_pool", MapPool.touching(pool.type, pool.size, len(layer.window.size)))
        builder.add(f"{layer.name}_act", Activate())
    return builder.graph()
