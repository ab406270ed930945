"""Kinds of nodes, each in a small network, and torch's own function of it; a kind joins by one entry of `CASES`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from hwcore.spec import (
    INPUT,
    NODE_KINDS,
    Activate,
    Add,
    Concat,
    Flatten,
    GlobalPool,
    Graph,
    GraphBuilder,
    LayerPlan,
    Lstm,
    MapPool,
    Normalize,
    Operation,
    Product,
    Reshape,
    Shape,
    Transpose,
    Window,
)

IMAGE = (2, 6, 4)


@dataclass(frozen=True)
class Case:
    """One kind of node.

    Attributes:
        operation: with its fields.
        by_torch: the same of inputs (batch, *shape), in floating point with fresh parameters.
        refused: shapes of inputs that do not fit, and what the message says.
        shapes: of the inputs of the node.
    """

    operation: Operation
    by_torch: Callable[..., Tensor]
    refused: Sequence[tuple[Sequence[Shape], str]] = ()
    shapes: Sequence[Shape] = (IMAGE,)


def convolution(name: str, shape: Shape, outputs: int) -> Product:
    channels, *size = shape
    return Product(LayerPlan(name, "conv", outputs, Window.of(channels, size, 1)))


def network(case: Case) -> Graph:
    """The node between arrays: every input of it is an activation, and behind it there are codes and a dense layer."""
    builder, sources = GraphBuilder(IMAGE), []
    for number, shape in enumerate(case.shapes, 1):
        channels = shape[0] if len(shape) == len(IMAGE) else math.prod(shape) // math.prod(IMAGE[1:])
        builder.add(f"conv{number}", convolution(f"conv{number}", IMAGE, channels), INPUT)
        sources.append(builder.add(f"act{number}", Activate()))
        if len(shape) != len(IMAGE):
            sources[-1] = builder.add(f"series{number}", Reshape(shape))
    builder.add("node", case.operation, *sources)
    if len(builder.shape("node")) > 1:
        builder.add("flat", Flatten())
    builder.add("codes", Activate("identity", signed=True))
    (units,) = builder.shape("codes")
    builder.add("fc1", Product(LayerPlan("fc1", "dense", 5, Window.of(units))))
    return builder.graph()


def _normalized(x: Tensor) -> Tensor:
    return (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), correction=0, keepdim=True) + 1e-5).sqrt()


CASES: Mapping[str, Case] = {
    "product": Case(
        convolution("node", IMAGE, 2),
        # Weights of its own: tests/hwcore/conformance/layer_kinds.py has their functions.
        by_torch=lambda x: x,
        refused=[([(3, 6, 4)], "got an input of shape (3, 6, 4); allowed: (2, 6, 4)")],
    ),
    "lstm": Case(
        Lstm.over("node", (8, 6), 5, sequence=True),
        # Weights of its own: tests/hwcore/layers/test_lstm.py has torch's function.
        by_torch=lambda x: x,
        refused=[([(2, 6, 4)], "got an input of shape (2, 6, 4); allowed: (8, 6)")],
        shapes=[(8, 6)],
    ),
    "normalize": Case(Normalize(), _normalized),
    "activate": Case(Activate(), torch.relu),
    "pool": Case(
        MapPool("average", (3, 2), (2, 1), (1, 0)),
        lambda x: F.avg_pool2d(x, (3, 2), (2, 1), (1, 0)),
        [
            ([(2, 6)], "got an input of shape (2, 6); allowed: channels and 2 directions"),
            ([(2, 6, 1)], "got a map of [6, 1] pixels; allowed: at least (3, 2)"),
        ],
    ),
    "global_pool": Case(
        GlobalPool("average"),
        lambda x: x.mean((2, 3)),
        [([(7,)], "got an input of shape (7,); allowed: channels and a map")],
    ),
    "add": Case(
        Add(),
        torch.add,
        [([(2, 6, 4), (2, 6, 5)], "got inputs of the shapes (2, 6, 4) and (2, 6, 5); allowed: two of the same shape")],
        (IMAGE, IMAGE),
    ),
    "concat": Case(
        Concat(),
        lambda *x: torch.cat(x, 1),
        [([(2, 6, 4), (2, 5, 4)], "allowed: maps of the same size")],
        (IMAGE, (3, *IMAGE[1:]), IMAGE),
    ),
    "flatten": Case(Flatten(), lambda x: x.reshape(len(x), -1)),
    "hard_swish": Case(NODE_KINDS["hard_swish"](), F.hardswish),
    "reshape": Case(
        Reshape((4, 12)),
        lambda x: x.view(-1, 4, 12),
        [([(2, 6)], "got the shape (4, 12) for (2, 6); allowed: 12 numbers")],
    ),
    "transpose": Case(
        Transpose((2, 0, 1)),
        lambda x: x.permute(0, 3, 1, 2),
        [([(6,)], "got the axes (2, 0, 1) for (6,); allowed: a permutation of its 1 axes")],
    ),
}
