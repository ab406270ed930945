"""Recurrent network as a graph."""

from __future__ import annotations

from hwcore.spec.derive.plan import LayerPlan
from hwcore.spec.derive.window import Window
from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.kinds import Activate, GlobalPool, Lstm, Product, Reshape, Transpose
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.models.lstm import LstmNetwork


def lstm_graph(model: LstmNetwork, facts: DatasetFacts) -> Graph:
    """LSTMs lstm1, lstm2, ... over all steps of a series, and a dense layer fc1 that reads the mean of their states.

    Word lines of fc1 are driven with the nearest code `pool_act` of the mean. With `readout` last it reads the last
    state. An image is a series of its rows, from top to bottom.

    Raises:
        Misfit: the examples are vectors.
    """
    builder = GraphBuilder(facts.input_shape)
    if len(facts.input_shape) == 3:
        channels, height, width = facts.input_shape
        builder.add("transpose", Transpose((0, 2, 1)))
        builder.add("rows", Reshape((channels * width, height)))
    shape = builder.shape(next(reversed(builder.nodes), "input"))
    for number in range(1, model.layers + 1):
        name = f"lstm{number}"
        builder.add(
            name, Lstm.over(name, shape, model.units, sequence=number < model.layers or model.readout == "mean")
        )
        shape = builder.shape(name)
    if model.readout == "mean":
        builder.add("pool", GlobalPool())
        builder.add("pool_act", Activate("identity", signed=True))
    builder.add("fc1", Product(LayerPlan("fc1", "dense", facts.classes, Window(model.units))))
    return builder.graph()
