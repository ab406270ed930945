"""A network, layer by layer, as the arrays see it: names, kinds, word and bit lines, and positions of a kernel."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hwcore.errors import InvalidInput
from hwcore.spec.derive.window import Window
from hwcore.spec.jobs.convolution import Convolution
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.model import Cnn, Model
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.reading.document import fault

LayerKind = Literal["dense", "conv"]
"""Kinds of layers; `hwcore.layers.kinds` has their forms."""


@dataclass(frozen=True)
class LayerPlan:
    """One layer of a network: one array, cut into tiles.

    Attributes:
        name: "conv1", "conv2", ..., then "fc1", "fc2", ...: the same in artifacts, reports and requests.
        kind: of the layer.
        outputs: bit lines: units, or output channels; a multiple of the groups of the window.
        window: positions over the input; its rows are the word lines without the bias row.

    Raises:
        ValueError: outputs that are no multiple of the groups.
    """

    name: str
    kind: LayerKind
    outputs: int
    window: Window

    def __post_init__(self) -> None:
        if self.outputs % self.window.groups:
            raise ValueError(f"outputs: got {self.outputs}; allowed: a multiple of the {self.window.groups} groups")

    @property
    def inputs(self) -> int:
        """Word lines without the bias row; of a layer with groups, those of each."""
        return self.window.rows

    @property
    def positions(self) -> int:
        """Products of the array per image."""
        return self.window.positions

    @property
    def weights(self) -> int:
        """Weights, biases not counted."""
        return self.inputs * self.outputs

    @property
    def in_shape(self) -> tuple[int, ...]:
        """(units,) or (channels, height, width) of the input."""
        return self.window.channels, *self.window.size

    @property
    def out_shape(self) -> tuple[int, ...]:
        """(units,) or (channels, height, width) of the output, after pooling."""
        return self.outputs, *self.window.pooled


Plan = tuple[LayerPlan, ...]


def network_plan(model: Model, dataset: AnyDataset) -> Plan:
    """The layers of a model on a dataset, from input to output; the model fits (see `model_contradictions`).

    Raises:
        InvalidInput: the dataset is a user's, and nothing says what is in it.
    """
    facts = dataset_facts(dataset)
    if facts is None:
        reason = "inputs and outputs of the network are not known before the data are"
        raise InvalidInput([fault("/dataset/contents", "nothing", "sha256, height, width and classes", reason)])
    if not isinstance(model, Cnn):
        return dense_plan((facts.inputs, *model.hidden, facts.classes))
    numbered = enumerate(zip(model.convolutions, windows(model, facts), strict=True), 1)
    layers = tuple(LayerPlan(f"conv{number}", "conv", each.channels, window) for number, (each, window) in numbered)
    return (*layers, *dense_plan((math.prod(layers[-1].out_shape), *model.hidden, facts.classes)))


def dense_plan(widths: Sequence[int]) -> Plan:
    """Dense layers between these widths, e.g. (784, 512, 512, 10): fc1, fc2, fc3."""
    pairs = enumerate(pairwise(widths), 1)
    return tuple(LayerPlan(f"fc{number}", "dense", outputs, Window(inputs)) for number, (inputs, outputs) in pairs)


def windows(model: Cnn, facts: DatasetFacts) -> Iterator[Window]:
    """Windows of the convolutions over images, from input to output; behind one that does not fit they are void.

    Args:
        model: gives kernels, strides, padding and pooling.
        facts: of the dataset, for the size of its images.
    """
    shape = facts.input_shape
    for convolution in model.convolutions:
        window = window_of(convolution, shape)
        yield window
        shape = convolution.channels, *window.pooled


def window_of(convolution: Convolution, shape: Sequence[int]) -> Window:
    """The window of a convolution over an input of this shape: channels, then its size."""
    channels, *size = shape
    each = convolution
    return Window.of(channels, size, each.kernel, each.stride, each.padding, pool=each.pool)


def plan_text(plan: Plan) -> str:
    """The shapes from input to output in one line: "784-512-512-10", "1x28x28-6x14x14-16x5x5-120-84-10"."""
    shapes = [plan[0].in_shape, *(layer.out_shape for layer in plan)]
    return "-".join("x".join(str(length) for length in shape) for shape in shapes)
