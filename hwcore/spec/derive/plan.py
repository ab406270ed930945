"""A network, layer by layer, as the arrays see it: names, kinds, word and bit lines, and positions of a kernel."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hwcore.errors import InvalidInput
from hwcore.spec.jobs.convolution import Convolution, Pool
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.model import Cnn, Model
from hwcore.spec.jobs.own_data import OwnDataset, dataset_facts
from hwcore.spec.reading.document import fault

LayerKind = Literal["dense", "conv"]
"""Kinds of layers; `hwcore.layers.kinds` has their forms."""


@dataclass(frozen=True)
class Window:
    """Positions that an array has over its input: one of a dense layer, one for every step of a kernel that moves.

    Attributes:
        channels: of the input; units of a dense layer.
        size: of the input along every direction in which the kernel moves, pixels: (height, width) of an image, () of
            a dense layer.
        kernel, stride, padding: pixels, the same in all directions.
        pool: digital pooling of the outputs before the activation, or None.
    """

    channels: int
    size: tuple[int, ...] = ()
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    pool: Pool | None = None

    @property
    def moves(self) -> bool:
        """True where one array computes several positions, as that of a convolution does."""
        return bool(self.size)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """(units,) or (channels, kernel, kernel): what the word lines stand for, in their order."""
        return self.channels, *(self.kernel for _ in self.size)

    @property
    def rows(self) -> int:
        """Word lines: units, or channels x kernel x kernel, in that order (the order of torch.nn.Unfold)."""
        return math.prod(self.kernel_shape)

    @property
    def padded(self) -> tuple[int, ...]:
        """Size of the padded input, pixels."""
        return tuple(length + 2 * self.padding for length in self.size)

    @property
    def map(self) -> tuple[int, ...]:
        """Positions in every direction, before pooling: floor((padded - kernel) / stride) + 1."""
        return tuple((length - self.kernel) // self.stride + 1 for length in self.padded)

    @property
    def positions(self) -> int:
        """Products of the array per image: one, or one for every position of the kernel."""
        return math.prod(self.map)

    @property
    def middle(self) -> int:
        """Number of the position in the middle of the map, row after row."""
        number = 0
        for length in self.map:
            number = number * length + length // 2
        return number

    @property
    def pooled(self) -> tuple[int, ...]:
        """Size of the output, pixels."""
        pool = self.pool
        return self.map if pool is None else tuple(length // pool.size for length in self.map)


@dataclass(frozen=True)
class LayerPlan:
    """One layer of a network: one array, cut into tiles.

    Attributes:
        name: "conv1", "conv2", ..., then "fc1", "fc2", ...: the same in artifacts, reports and requests.
        kind: of the layer.
        outputs: bit lines: units, or output channels.
        window: positions over the input; its rows are the word lines without the bias row.
    """

    name: str
    kind: LayerKind
    outputs: int
    window: Window

    @property
    def inputs(self) -> int:
        """Word lines without the bias row."""
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


def network_plan(model: Model, dataset: OwnDataset | str) -> Plan:
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
    return Window(channels, tuple(size), convolution.kernel, convolution.stride, convolution.padding, convolution.pool)


def plan_text(plan: Plan) -> str:
    """The shapes from input to output in one line: "784-512-512-10", "1x28x28-6x14x14-16x5x5-120-84-10"."""
    shapes = [plan[0].in_shape, *(layer.out_shape for layer in plan)]
    return "-".join("x".join(str(length) for length in shape) for shape in shapes)
