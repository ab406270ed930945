"""Layers of a network as the arrays see them: names, kinds, word and bit lines, and positions of a kernel."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hwcore.spec.derive.window import Window

LayerKind = Literal["dense", "conv", "lstm"]
"""Kinds of layers; `hwcore.layers.kinds` has their forms, and those of "lstm" are in `hwcore.layers.node_forms`."""


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
        """(units,) or (channels, height, width) of the output."""
        return self.outputs, *self.window.map


Plan = tuple[LayerPlan, ...]


def dense_plan(widths: Sequence[int]) -> Plan:
    """Dense layers between these widths, e.g. (784, 512, 512, 10): fc1, fc2, fc3."""
    pairs = enumerate(pairwise(widths), 1)
    return tuple(LayerPlan(f"fc{number}", "dense", outputs, Window(inputs)) for number, (inputs, outputs) in pairs)
