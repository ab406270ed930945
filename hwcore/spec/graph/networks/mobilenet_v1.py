"""MobileNet v1 of MLPerf Tiny as a graph."""

from __future__ import annotations

from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.networks.blocks import Block, add_block, add_classifier
from hwcore.spec.graph.node import INPUT
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.models.mobilenet_v1 import MobileNetV1

BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
"""Channels of every block at full width, and the stride of its depthwise convolution."""
FIRST = 32
"""Channels of the first convolution at full width."""


def mobilenet_v1_graph(model: MobileNetV1, facts: DatasetFacts) -> Graph:
    """A convolution, thirteen depthwise separable blocks, the mean of every map, and a dense layer.

    Raises:
        Misfit: the examples are vectors.

    Source: A. Howard et al. 2017, arXiv:1704.04861; at a width of 0.25 as in C. Banbury et al. 2021, MLPerf Tiny
        Benchmark, arXiv:2106.07597.
    """
    builder, norm = GraphBuilder(facts.input_shape), model.normalization or "none"
    first = wide(FIRST, model.width)
    last = add_block(builder, "conv1", Block(first, 3, 2), INPUT, norm)
    channels = first
    for number, (full, stride) in enumerate(BLOCKS, 1):
        name = f"block{number}"
        last = add_block(builder, f"{name}_depthwise", Block(channels, 3, stride, groups=None), last, norm)
        channels = wide(full, model.width)
        last = add_block(builder, f"{name}_pointwise", Block(channels, 1), last, norm)
    add_classifier(builder, last, facts.classes)
    return builder.graph()


def wide(channels: int, width: float) -> int:
    """Channels of a layer at a width: rounded down, at least one."""
    return max(1, int(channels * width))
