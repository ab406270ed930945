"""A network on the chip: what every cell is programmed to, and the digital arithmetic around the arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jaxtyping import Float64, UInt8
from torch import Tensor

from hwcore.spec import ComponentTables, TileGrid, Window


@dataclass(frozen=True, eq=False)
class MappedActivation:
    """y = f(z), and if it is quantised y = levels[number of thresholds at or below f(z)].

    Attributes:
        function: relu, sigmoid or tanh.
        levels: outputs, strictly increasing, without unit; None: not quantised.
        thresholds: midway between the levels, less 1e-9 of the step, so that rounding decides no tie; None: not
            quantised.
    """

    function: str
    levels: Float64[Tensor, " levels"] | None
    thresholds: Float64[Tensor, " steps"] | None

    @property
    def full_scale(self) -> float:
        """Drive of the next layer's bias row: the largest output, or 1 where nothing limits it."""
        return 1.0 if self.limit is None else self.limit

    @property
    def limit(self) -> float | None:
        """The largest output: the range, and of a sigmoid and a tanh without levels 1; None: nothing limits it."""
        if self.levels is not None:
            return float(self.levels[-1])
        return None if self.function == "relu" else 1.0


@dataclass(frozen=True, eq=False)
class MappedLayer:
    """z_j = scale_j sum_i x_i (g_pos_ij - g_neg_ij) + bias_j, then the pooling of a convolution, then the activation.

    Attributes:
        name: "conv1", "fc1", ...
        inputs: word lines that carry inputs; a bias row comes after them.
        bias_drive: drive of the bias row; None: the array has no bias row.
        code_pos, code_neg: level of every cell.
        g_pos, g_neg: conductance of every cell, S.
        scale: 1/S, of any sign.
        bias: digital, without unit; zero where the bias is in the array.
        activation: None for the last layer.
        grid: where the array is cut into tiles.
        window: of a convolution, whose array computes every position of the kernel; the rows are in the order
            channel, row, column of the kernel. None: a dense layer.
    """

    name: str
    inputs: int
    bias_drive: float | None
    code_pos: UInt8[Tensor, "rows cols"]
    code_neg: UInt8[Tensor, "rows cols"]
    g_pos: Float64[Tensor, "rows cols"]
    g_neg: Float64[Tensor, "rows cols"]
    scale: Float64[Tensor, " cols"]
    bias: Float64[Tensor, " cols"]
    activation: MappedActivation | None
    grid: TileGrid
    window: Window | None = None

    @property
    def positions(self) -> int:
        """Products of the array per image."""
        return 1 if self.window is None else self.window.map[0] * self.window.map[1]


@dataclass(frozen=True, eq=False)
class MappedNetwork:
    """The layers from input to output.

    Attributes:
        layers: at least one.
        g_max_pos, g_max_neg: largest conductance of either component, S.
        g_min_pos, g_min_neg: smallest, S.
    """

    layers: tuple[MappedLayer, ...]
    g_max_pos: float
    g_max_neg: float
    g_min_pos: float
    g_min_neg: float

    @staticmethod
    def of(layers: Iterable[MappedLayer], tables: ComponentTables) -> MappedNetwork:
        """These layers on cells with these conductances."""
        return MappedNetwork(
            tuple(layers),
            g_max_pos=float(tables.g_pos.max()),
            g_max_neg=float(tables.g_neg.max()),
            g_min_pos=float(tables.g_pos.min()),
            g_min_neg=float(tables.g_neg.min()),
        )
