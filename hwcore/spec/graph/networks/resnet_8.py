"""ResNet-8 of MLPerf Tiny as a graph."""

from __future__ import annotations

from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.kinds import Activate, Add
from hwcore.spec.graph.networks.blocks import Block, add_block, add_classifier
from hwcore.spec.graph.node import INPUT
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.models.resnet_8 import ResNet8


def resnet_8_graph(model: ResNet8, facts: DatasetFacts) -> Graph:
    """A convolution, residual blocks of two convolutions each, the mean of every map, and a dense layer.

    Every block after the first has half the positions in each direction, and a convolution of one pixel on its
    shortcut, without normalisation. Activations follow the sums.

    Raises:
        Misfit: the examples are vectors.

    Source: C. Banbury et al. 2021, MLPerf Tiny Benchmark, arXiv:2106.07597; the residual block: K. He et al. 2015,
        arXiv:1512.03385.
    """
    builder, norm = GraphBuilder(facts.input_shape), model.normalization or "none"
    last = add_block(builder, "conv1", Block(model.channels[0], 3), INPUT, norm)
    for number, channels in enumerate(model.channels, 1):
        stride = 1 if number == 1 else 2
        name, shortcut = f"block{number}", last
        last = add_block(builder, f"{name}_conv1", Block(channels, 3, stride), shortcut, norm)
        last = add_block(builder, f"{name}_conv2", Block(channels, 3, activated=False), last, norm)
        if number > 1:
            plain = Block(channels, 1, stride, normalized=False, activated=False)
            shortcut = add_block(builder, f"{name}_shortcut", plain, shortcut, norm)
        builder.add(f"{name}_add", Add(), shortcut, last)
        last = builder.add(f"{name}_act", Activate())
    add_classifier(builder, last, facts.classes)
    return builder.graph()
