"""Mapped networks from what was trained: the one place where graph, hardware, cells and digital part come together."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hwcore.mapping.array import Array
from hwcore.mapping.digital import Digital, MappedActivation, MappedNode
from hwcore.mapping.line_pairs import second_lines
from hwcore.mapping.mapped import MappedLayer, MappedNetwork
from hwcore.mapping.pairs import Pairs
from hwcore.spec import ComponentTables, Drive, Graph, Hardware, LayerPlan, activation_of, graph_drives, tile_grid


def build_network(
    graph: Graph,
    hardware: Hardware,
    tables: ComponentTables,
    contents: Mapping[str, tuple[Pairs, Digital]],
    nodes: Mapping[str, MappedNode],
) -> MappedNetwork:
    """Put a network together: drives from the ranges that each array reads, tiles from the size of an array.

    Args:
        graph: without the normalisations that are folded into arrays.
        hardware: the description.
        tables: conductances of its cells.
        contents: by name of the layer, the pairs on its word lines (with a bias row where the hardware has one) and
            its digital part.
        nodes: by name of the node, the numbers of every activation, normalisation and state of a recurrent node.

    Raises:
        KeyError: a layer, an activation or a normalisation of the graph has no contents.
    """
    activations = {node.name: nodes[node.name] for node in graph.nodes if activation_of(node.operation) is not None}
    levels = {name: node.largest_level for name, node in activations.items() if isinstance(node, MappedActivation)}
    drives = graph_drives(graph, hardware, levels)

    def layer(name: str) -> MappedLayer:
        pairs, digital = contents[name]
        array = _array(plans[name], drives[name], pairs, hardware)
        return MappedLayer(plans[name], drives[name], (array,), digital)

    plans = {plan.name: plan for plan in graph.layers}
    return MappedNetwork.of(graph, map(layer, plans), nodes, tables)


def _array(layer: LayerPlan, drive: Drive, pairs: Pairs, hardware: Hardware) -> Array:
    rows, inputs = pairs.shape[0], layer.inputs * drive.lines
    area = math.prod(layer.window.kernel)
    second = second_lines(layer.inputs, area, rows - inputs) if drive.lines > 1 else None
    return Array(layer.name, pairs, tile_grid(*pairs.shape, hardware.array, layer.window.groups), second=second)
