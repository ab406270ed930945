"""Convolutions of every geometry: along series and images, with strides, dilation, margins and groups of any kind."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from hwcore.spec import Graph, LayerPlan, Normalization, Plan, Pool, Window, chain_graph, dense_plan


def by_torch(x: Tensor, weights: Tensor, bias: Tensor | None, window: Window) -> Tensor:
    """torch's own convolution, of an input that was put into a larger one of zeros."""
    wide = torch.zeros(*x.shape[:2], *window.padded, dtype=x.dtype)
    inside = (slice(before, before + length) for (before, _), length in zip(window.padding, window.size, strict=True))
    wide[(..., *inside)] = x
    convolve = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[len(window.size)]
    return convolve(wide, weights, bias, window.stride, 0, window.dilation, window.groups)


@dataclass(frozen=True)
class Chain:
    """Layers one behind another, some of them pooled.

    Attributes:
        layers: from input to output.
        pools: by name of the layer.
    """

    layers: Plan
    pools: Mapping[str, Pool] = field(default_factory=dict)

    def graph(self, normalization: Normalization = "none") -> Graph:
        return chain_graph(self.layers, normalization, self.pools)


def layers(*windows: tuple[Window, int]) -> Chain:
    """Convolutions with these windows and outputs, each over what the one before gives, then two dense layers."""
    plan = tuple(
        LayerPlan(f"conv{number}", "conv", outputs, window) for number, (window, outputs) in enumerate(windows, 1)
    )
    for before, after in pairwise(plan):
        assert before.out_shape == after.in_shape
    return Chain((*plan, *dense_plan((math.prod(plan[-1].out_shape), 7, 6))))


GEOMETRIES: Mapping[str, Chain] = {
    "along a series": layers(
        (Window.of(3, (20,), kernel=4, stride=2, padding=1), 5), (Window.of(5, (10,), kernel=3, dilation=3), 6)
    ),
    "strides, dilation and margins": layers(
        (Window.of(2, (9, 8), kernel=(4, 2), stride=(1, 2), padding=((1, 2), (0, 1)), dilation=(1, 3)), 4),
        (Window.of(4, (9, 3), kernel=(2, 3), stride=(3, 1), padding=(0, 1)), 5),
    ),
}
GROUPED: Mapping[str, Chain] = {
    "groups": layers(
        (Window.of(4, (6, 5), kernel=3, padding=1, groups=2), 14), (Window.of(14, (6, 5), kernel=2, groups=7), 7)
    ),
    "depthwise": layers(
        (Window.of(3, (15,), kernel=5, dilation=2, padding=((3, 0),), groups=3), 6),
        (Window.of(6, (10,), kernel=3, padding=1, groups=6), 6),
    ),
}
"""Networks by what is special about them; those of `GROUPED` have layers with groups."""
