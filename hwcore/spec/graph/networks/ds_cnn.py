"""DS-CNN of MLPerf Tiny as a graph."""

from __future__ import annotations

from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.kinds import Reshape, Transpose
from hwcore.spec.graph.networks.blocks import Block, add_block, add_classifier
from hwcore.spec.graph.node import INPUT
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.models.ds_cnn import DsCnn


def ds_cnn_graph(model: DsCnn, facts: DatasetFacts) -> Graph:
    """A convolution over time and coefficients, depthwise separable blocks, the mean of every map, and a dense layer.

    A series of coefficients is an image of one channel, time from top to bottom. Without `separable`, one convolution
    stands in the place of the two of a block.

    Raises:
        Misfit: the examples are vectors.

    Source: Y. Zhang et al. 2017, Hello Edge, arXiv:1711.07128; as in C. Banbury et al. 2021, MLPerf Tiny Benchmark,
        arXiv:2106.07597.
    """
    builder, norm, last = GraphBuilder(facts.input_shape), model.normalization or "none", INPUT
    if len(facts.input_shape) == 2:
        coefficients, frames = facts.input_shape
        builder.add("transpose", Transpose((1, 0)), INPUT)
        last = builder.add("image", Reshape((1, frames, coefficients)))
    last = add_block(builder, "conv1", Block(model.channels, model.kernel, model.stride), last, norm)
    for number in range(1, model.blocks + 1):
        name = f"block{number}"
        if model.separable:
            last = add_block(builder, f"{name}_depthwise", Block(model.channels, 3, groups=None), last, norm)
            last = add_block(builder, f"{name}_pointwise", Block(model.channels, 1), last, norm)
        else:
            last = add_block(builder, f"{name}_conv", Block(model.channels, 3), last, norm)
    add_classifier(builder, last, facts.classes)
    return builder.graph()
