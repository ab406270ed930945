"""Network of a job: the graph of its model on its dataset."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from hwcore.errors import InvalidInput
from hwcore.spec.derive.plan import Plan
from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.networks.cnn import cnn_graph
from hwcore.spec.graph.networks.ds_cnn import ds_cnn_graph
from hwcore.spec.graph.networks.fc_autoencoder import fc_autoencoder_graph
from hwcore.spec.graph.networks.lstm import lstm_graph
from hwcore.spec.graph.networks.mlp import mlp_graph
from hwcore.spec.graph.networks.mobilenet_v1 import mobilenet_v1_graph
from hwcore.spec.graph.networks.resnet_8 import resnet_8_graph
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.model import Cnn, Mlp, Model
from hwcore.spec.jobs.models.ds_cnn import DsCnn
from hwcore.spec.jobs.models.fc_autoencoder import FcAutoencoder
from hwcore.spec.jobs.models.lstm import LstmNetwork
from hwcore.spec.jobs.models.mobilenet_v1 import MobileNetV1
from hwcore.spec.jobs.models.resnet_8 import ResNet8
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.reading.document import fault

BUILDERS: Final[Mapping[type[Any], Callable[[Any, DatasetFacts], Graph]]] = MappingProxyType(
    {
        Mlp: mlp_graph,
        Cnn: cnn_graph,
        ResNet8: resnet_8_graph,
        DsCnn: ds_cnn_graph,
        FcAutoencoder: fc_autoencoder_graph,
        MobileNetV1: mobilenet_v1_graph,
        LstmNetwork: lstm_graph,
    }
)
"""Builder of each model's graph; a further model is a file of fields, a builder and a row."""


KEPT: Final = 16
"""Graphs that are kept."""


@functools.lru_cache(maxsize=KEPT)
def network_graph(model: Model, dataset: AnyDataset) -> Graph:
    """The graph of a model on a dataset; the model fits (see `model_contradictions`).

    The last graphs are kept: checks, estimate and warnings of one job ask for its graph some ten times.

    Raises:
        InvalidInput: the dataset is a user's, and nothing says what is in it.
        Misfit: the model does not take examples of this shape.
    """
    facts = dataset_facts(dataset)
    if facts is None:
        reason = "inputs and outputs of the network are not known before the data are"
        raise InvalidInput([fault("/dataset/contents", "nothing", "sha256, height, width and classes", reason)])
    graph = BUILDERS[type(model)](model, facts)
    return replace(graph, signed_inputs=facts.signed)


def network_plan(model: Model, dataset: AnyDataset) -> Plan:
    """The arrays of a model on a dataset, from input to output.

    Raises:
        InvalidInput: as for `network_graph`.
    """
    return network_graph(model, dataset).layers


class OnDataset:
    """Base of what is about one network on one dataset.

    Attributes:
        model: the network.
        dataset: gives its inputs and outputs.
    """

    model: Model
    dataset: AnyDataset

    @property
    def graph(self) -> Graph:
        """The network as a graph.

        Raises:
            InvalidInput: the dataset is a user's, and nothing says what is in it.
        """
        return network_graph(self.model, self.dataset)

    @property
    def plan(self) -> Plan:
        """The arrays of the network, from input to output.

        Raises:
            InvalidInput: as for `graph`.
        """
        return self.graph.layers


def plan_text(graph: Graph) -> str:
    """The shapes from input to output in one line: "784-512-512-10", "1x28x28-6x14x14-16x5x5-120-84-10"."""
    tails = (graph.tail(layer.name) for layer in graph.layers)
    layers = zip(graph.layers, tails, strict=True)
    shapes = [graph[layer.name].shape if tail.pool is None else tail.pool.shape for layer, tail in layers]
    return "-".join("x".join(map(str, shape)) for shape in (graph.input_shape, *shapes))
