"""Convolutional network as a graph."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from hwcore.spec.derive.plan import LayerPlan, dense_plan
from hwcore.spec.derive.window import Window
from hwcore.spec.graph.graph import Graph
from hwcore.spec.graph.networks.chain import chain_graph
from hwcore.spec.jobs.convolution import Convolution
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.model import Cnn


def cnn_graph(model: Cnn, facts: DatasetFacts) -> Graph:
    """Convolutions conv1, conv2, ..., then dense layers fc1, fc2, ... to the classes of a dataset.

    Raises:
        Misfit: a kernel or a pooling does not fit on its input.
    """
    numbered = list(enumerate(zip(model.convolutions, windows(model, facts), strict=True), 1))
    layers = [LayerPlan(f"conv{number}", "conv", each.channels, window) for number, (each, window) in numbered]
    pools = {f"conv{number}": each.pool for number, (each, _) in numbered if each.pool is not None}
    last, window = model.convolutions[-1], layers[-1].window
    units = math.prod((last.channels, *pooled_map(last, window)))
    dense = dense_plan((units, *model.hidden, facts.classes))
    return chain_graph((*layers, *dense), model.normalization or "none", pools)


def windows(model: Cnn, facts: DatasetFacts) -> Iterator[Window]:
    """Windows of the convolutions over images, from input to output; behind one that does not fit they are void.

    Args:
        model: gives kernels, strides, padding and pooling.
        facts: of the dataset, for the shape of its images.
    """
    shape: Sequence[int] = facts.input_shape
    for convolution in model.convolutions:
        window = window_of(convolution, shape)
        yield window
        shape = convolution.channels, *pooled_map(convolution, window)


def window_of(convolution: Convolution, shape: Sequence[int]) -> Window:
    """The window of a convolution over an input of this shape: channels, then its size."""
    channels, *size = shape
    return Window.of(channels, size, convolution.kernel, convolution.stride, convolution.padding)


def pooled_map(convolution: Convolution, window: Window) -> tuple[int, ...]:
    """Size of the map of a convolution behind its pooling, pixels."""
    pool = convolution.pool
    return window.map if pool is None else tuple(length // pool.size for length in window.map)
