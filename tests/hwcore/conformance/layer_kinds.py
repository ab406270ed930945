"""Kinds of layers and what they are held to; a kind joins by one entry of `CASES`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from hwcore.spec import LayerKind, LayerPlan, Pool, Window, dense_plan
from tests.hwcore.conformance.geometries import GEOMETRIES, GROUPED, Chain, by_torch

IMAGE = (1, 9, 8)
MAX, AVERAGE = Pool(type="max", size=2), Pool(type="average", size=3)


@dataclass(frozen=True)
class Case:
    """One kind of layer.

    Attributes:
        plans: networks with layers of the kind, by what is special about them.
        by_torch: torch's own function, of inputs (batch, *in_shape), weights (outputs, *kernel_shape), bias and window.
        refused: models on `digits` that do not fit, and what their message says.
    """

    plans: Mapping[str, Chain]
    by_torch: Callable[[Tensor, Tensor, Tensor | None, Window], Tensor]
    refused: Sequence[tuple[dict[str, Any], str]]


def convolutions(
    *layers: tuple[int, int, int, Pool | None], kind: LayerKind = "conv", shape: tuple[int, ...] = IMAGE
) -> Chain:
    """Convolutions of 4, 5, ... channels over an input, then two dense layers.

    Args:
        layers: kernel, stride, padding and pooling of each.
        kind: of the convolutions.
        shape: channels of the input, then its size.
    """
    plan: list[LayerPlan] = []
    pools: dict[str, Pool] = {}
    (channels, *size), outputs = shape, 4
    for number, (kernel, stride, padding, pool) in enumerate(layers, 1):
        plan.append(LayerPlan(f"conv{number}", kind, outputs, Window.of(channels, size, kernel, stride, padding)))
        (channels, *size), outputs = plan[-1].out_shape, outputs + 1
        if pool is not None:
            pools[f"conv{number}"], size = pool, [length // pool.size for length in size]
    return Chain((*plan, *dense_plan((math.prod((channels, *size)), 7, 6))), pools)


CASES: Mapping[LayerKind, Case] = {
    "dense": Case(
        plans={
            "one layer": Chain(dense_plan((21, 6))),
            "three layers": Chain(dense_plan((21, 9, 7, 6))),
            "five layers": Chain(dense_plan((8, 5, 5, 5, 5))),
            "single cells": Chain(dense_plan((1, 1, 1))),
        },
        by_torch=lambda x, weights, bias, window: F.linear(x, weights, bias),
        refused=[({"hidden": [8000, 8000]}, "model.hidden: the network has 64,592,000 weights")],
    ),
    "conv": Case(
        plans={
            "max and average": convolutions((3, 1, 1, MAX), (2, 1, 1, AVERAGE)),
            "average first": convolutions((2, 1, 0, AVERAGE), (2, 1, 0, None)),
            "strides without pooling": convolutions((3, 2, 1, None), (3, 2, 2, None)),
            "one pixel": convolutions((1, 1, 0, None), (1, 3, 0, MAX)),
            **GEOMETRIES,
            **GROUPED,
        },
        by_torch=by_torch,
        refused=[
            (
                {"type": "cnn", "convolutions": [{"channels": 2, "kernel": 9}]},
                "the input of conv1 is 8 x 8 pixels with its padding: got 9; allowed: a whole number from 1 to 8",
            ),
            (
                {"type": "cnn", "convolutions": [{"channels": 2, "kernel": 7, "pool": {"type": "max", "size": 3}}]},
                "the map of conv1 is 2 x 2 pixels: got 3; allowed: a whole number from 2 to 2",
            ),
        ],
    ),
}
