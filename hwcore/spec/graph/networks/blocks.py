"""Blocks of published networks: a convolution with normalisation and activation, and the classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwcore.spec.derive.plan import LayerPlan
from hwcore.spec.derive.window import Margin, Window, along_each
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.kinds import Activate, GlobalPool, Normalize, Product
from hwcore.spec.graph.operation import Misfit
from hwcore.spec.jobs.model_fields import Normalization


@dataclass(frozen=True)
class Block:
    """A convolution of a block.

    Attributes:
        outputs: channels.
        kernel: pixels; a number holds for all directions.
        stride: as the kernel.
        groups: of channels; None: as many as channels, depthwise.
        normalized: whether a normalisation follows, where the network has any.
        activated: whether the activation of the hardware follows.
    """

    outputs: int
    kernel: int | Sequence[int]
    stride: int | Sequence[int] = 1
    groups: int | None = 1
    normalized: bool = True
    activated: bool = True


def add_block(builder: GraphBuilder, name: str, block: Block, source: str, normalization: Normalization) -> str:
    """Add a convolution over a map, with margins as small as they can be for ceil(length / stride) positions.

    Args:
        builder: gets the nodes.
        name: of the convolution; behind it there are `<name>_norm` and `<name>_act`.
        block: of the convolution.
        source: name of the node that it reads.
        normalization: batch or none.

    Returns:
        Name of the last node.

    Raises:
        Misfit: the input is no map.
    """
    channels, *size = builder.shape(source)
    if not size:
        raise Misfit(f"{name}: got vectors; allowed: images or series")
    kernel, stride = along_each(block.kernel, len(size)), along_each(block.stride, len(size))
    groups = channels if block.groups is None else block.groups
    window = Window.of(channels, size, kernel, stride, same_margins(size, kernel, stride), groups=groups)
    builder.add(name, Product(LayerPlan(name, "conv", block.outputs, window)), source)
    if block.normalized and normalization == "batch":
        builder.add(f"{name}_norm", Normalize())
    if block.activated:
        builder.add(f"{name}_act", Activate())
    return next(reversed(builder.nodes))


def same_margins(size: Sequence[int], kernel: Sequence[int], stride: Sequence[int]) -> tuple[Margin, ...]:
    """Margins for ceil(length / stride) positions; of an odd number of pixels the larger half comes after the input.

    p = max((ceil(n / s) - 1) s + k - n, 0) pixels in each direction: the margins that TensorFlow calls "same".

    Args:
        size: n, pixels in each direction.
        kernel: k.
        stride: s.
    """
    margins = []
    for length, width, step in zip(size, kernel, stride, strict=True):
        needed = max((-(-length // step) - 1) * step + width - length, 0)
        margins.append((needed // 2, needed - needed // 2))
    return tuple(margins)


def add_classifier(builder: GraphBuilder, source: str, classes: int, name: str = "fc1") -> str:
    """Add the mean of every map, its codes, and a dense layer of the classes.

    A mean of codes is no code: word lines are driven with the nearest code of `pool_act`, in floating point with the
    mean itself.

    Args:
        builder: gets the nodes.
        source: name of the node of the maps.
        classes: outputs.
        name: of the dense layer.
    """
    builder.add("pool", GlobalPool(), source)
    builder.add("pool_act", Activate("identity"))
    (units,) = builder.shape("pool_act")
    return builder.add(name, Product(LayerPlan(name, "dense", classes, Window(units))))
