"""Network of a job: the graph of its model on its dataset."""

from __future__ import annotations

from dataclasses import replace

from hwcore.errors import InvalidInput
from hwcore.spec.derive.plan import Plan
from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.networks.cnn import cnn_graph
from hwcore.spec.graph.networks.mlp import mlp_graph
from hwcore.spec.jobs.model import Cnn, Model
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.reading.document import fault


def network_graph(model: Model, dataset: AnyDataset) -> Graph:
    """The graph of a model on a dataset; the model fits (see `model_contradictions`).

    Raises:
        InvalidInput: the dataset is a user's, and nothing says what is in it.
    """
    facts = dataset_facts(dataset)
    if facts is None:
        reason = "inputs and outputs of the network are not known before the data are"
        raise InvalidInput([fault("/dataset/contents", "nothing", "sha256, height, width and classes", reason)])
    graph = cnn_graph(model, facts) if isinstance(model, Cnn) else mlp_graph(model, facts)
    return replace(graph, signed_inputs=facts.signed)


def network_plan(model: Model, dataset: AnyDataset) -> Plan:
    """The arrays of a model on a dataset, from input to output.

    Raises:
        InvalidInput: as for `network_graph`.
    """
    return network_graph(model, dataset).layers


def plan_text(graph: Graph) -> str:
    """The shapes from input to output in one line: "784-512-512-10", "1x28x28-6x14x14-16x5x5-120-84-10"."""
    tails = (graph.tail(layer.name) for layer in graph.layers)
    layers = zip(graph.layers, tails, strict=True)
    shapes = [layer.out_shape if tail.pool is None else tail.pool.shape for layer, tail in layers]
    return "-".join("x".join(map(str, shape)) for shape in (graph.input_shape, *shapes))
