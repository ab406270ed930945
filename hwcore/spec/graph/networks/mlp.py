"""Multilayer perceptron as a graph."""

from __future__ import annotations

from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.networks.chain import dense_graph
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.model import Mlp


def mlp_graph(model: Mlp, facts: DatasetFacts) -> Graph:
    """Dense layers fc1, fc2, ... from the inputs of a dataset to its classes."""
    widths = (facts.inputs, *model.hidden, facts.classes)
    return dense_graph(widths, model.normalization or "none")
