"""A network, layer by layer, as the arrays see it: names, word and bit lines, and where a kernel stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hwcore.errors import InvalidInput
from hwcore.spec.jobs.convolution import Convolution, Pool
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.model import Cnn, Model
from hwcore.spec.jobs.own_data import OwnDataset, dataset_facts
from hwcore.spec.reading.document import fault


@dataclass(frozen=True)
class Window:
    """Where the kernel of a convolution stands: every position is one more input to the same array.

    Attributes:
        channels, height, width: of the input.
        kernel, stride, padding: pixels, the same in both directions.
        pool: what is done with the outputs before the activation, or None.
    """

    channels: int
    height: int
    width: int
    kernel: int
    stride: int
    padding: int
    pool: Pool | None

    @property
    def rows(self) -> int:
        """Word lines: channels x kernel x kernel, in that order (the order of torch.nn.Unfold)."""
        return self.channels * self.kernel * self.kernel

    @property
    def padded(self) -> tuple[int, int]:
        """Height and width of the padded input, pixels."""
        return self.height + 2 * self.padding, self.width + 2 * self.padding

    @property
    def map(self) -> tuple[int, int]:
        """Positions in height and width, before pooling: floor((padded - kernel) / stride) + 1."""
        return _steps(self.padded[0], self.kernel, self.stride), _steps(self.padded[1], self.kernel, self.stride)

    @property
    def pooled(self) -> tuple[int, int]:
        """Height and width of the output, pixels."""
        if self.pool is None:
            return self.map
        return self.map[0] // self.pool.size, self.map[1] // self.pool.size


def _steps(length: int, kernel: int, stride: int) -> int:
    return (length - kernel) // stride + 1


@dataclass(frozen=True)
class LayerPlan:
    """One layer of a network: one array, cut into tiles.

    Attributes:
        name: "conv1", "conv2", ..., then "fc1", "fc2", ...: the same in artifacts, reports and requests.
        inputs: word lines without the bias row.
        outputs: bit lines: units, or output channels.
        window: of a convolution; None: a dense layer.
    """

    name: str
    inputs: int
    outputs: int
    window: Window | None = None

    @property
    def kind(self) -> Literal["conv", "dense"]:
        """What the layer is."""
        return "dense" if self.window is None else "conv"

    @property
    def positions(self) -> int:
        """Products of the array per image: one, or one for every position of the kernel."""
        return 1 if self.window is None else self.window.map[0] * self.window.map[1]

    @property
    def weights(self) -> int:
        """Weights, biases not counted."""
        return self.inputs * self.outputs

    @property
    def in_shape(self) -> tuple[int, ...]:
        """(units,) or (channels, height, width) of the input."""
        window = self.window
        return (self.inputs,) if window is None else (window.channels, window.height, window.width)

    @property
    def out_shape(self) -> tuple[int, ...]:
        """(units,) or (channels, height, width) of the output, after pooling."""
        return (self.outputs,) if self.window is None else (self.outputs, *self.window.pooled)


Plan = tuple[LayerPlan, ...]


def network_plan(model: Model, dataset: OwnDataset | str) -> Plan:
    """The layers of a model on a dataset, from input to output; the model fits (see `model_contradictions`).

    Raises:
        InvalidInput: the dataset is one's own, and nothing says what is in it.
    """
    facts = dataset_facts(dataset)
    if facts is None:
        reason = "inputs and outputs of the network are not known before the data are"
        raise InvalidInput([fault("/dataset/contents", "nothing", "sha256, height, width and classes", reason)])
    if not isinstance(model, Cnn):
        return dense_plan((facts.inputs, *model.hidden, facts.classes))
    layers: list[LayerPlan] = []
    shape = input_shape(facts)
    for number, convolution in enumerate(model.convolutions, 1):
        window = window_of(convolution, shape)
        layers.append(LayerPlan(f"conv{number}", window.rows, convolution.channels, window))
        shape = (convolution.channels, *window.pooled)
    features = shape[0] * shape[1] * shape[2]
    return (*layers, *dense_plan((features, *model.hidden, facts.classes)))


def dense_plan(widths: Sequence[int]) -> Plan:
    """Dense layers between these widths, e.g. (784, 512, 512, 10): fc1, fc2, fc3."""
    return tuple(LayerPlan(f"fc{number}", *pair) for number, pair in enumerate(pairwise(widths), 1))


def input_shape(facts: DatasetFacts) -> tuple[int, int, int]:
    """(channels, height, width) of a dataset's images; all of them are grey."""
    return (1, *facts.image_shape)


def window_of(convolution: Convolution, shape: tuple[int, int, int]) -> Window:
    """The window of a convolution over an input of this shape (channels, height, width)."""
    return Window(*shape, convolution.kernel, convolution.stride, convolution.padding, convolution.pool)


def plan_text(plan: Plan) -> str:
    """The shapes from input to output in one line: "784-512-512-10", "1x28x28-6x14x14-16x5x5-120-84-10"."""
    shapes = [plan[0].in_shape, *(layer.out_shape for layer in plan)]
    return "-".join("x".join(str(length) for length in shape) for shape in shapes)
