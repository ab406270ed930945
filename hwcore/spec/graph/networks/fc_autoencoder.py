"""Deep autoencoder of MLPerf Tiny as a graph."""

from __future__ import annotations

from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.networks.chain import dense_graph
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.models.fc_autoencoder import FcAutoencoder


def fc_autoencoder_graph(model: FcAutoencoder, facts: DatasetFacts) -> Graph:
    """Dense layers down to a code, and up to as many outputs as inputs.

    Source: Y. Koizumi et al. 2020, DCASE challenge task 2, arXiv:2006.05822; as in C. Banbury et al. 2021, MLPerf Tiny
        Benchmark, arXiv:2106.07597.
    """
    sides = (model.units,) * model.layers
    widths = (facts.inputs, *sides, model.code, *sides, facts.inputs)
    return dense_graph(widths, model.normalization or "none")
