"""Layers whose weights are pairs of cells: latent weights, scales, a bias, and the effects of a chip."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypedDict, Unpack, runtime_checkable

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor, nn

from hwcore.layers.line_pairs import by_sign, on_both_lines
from hwcore.layers.operands import Operands
from hwcore.mapping import Array, inputs_of_lines, place, second_lines
from hwcore.quant import Method, Staircase
from hwcore.spec import Array as ArraySize
from hwcore.spec import Hardware, LayerPlan, Levels, tile_grid

LATENT_SPREAD = 0.12
"""Standard deviation of the initial latent weights over full scale: about half the smallest step of a 2-bit cell."""


def weight_values(hardware: Hardware) -> Float64[Tensor, " values"]:
    """The weights that the description can represent over the largest of them: within [-1, 1], without unit."""
    return torch.from_numpy(Levels.of(hardware).weights.normalized)


@runtime_checkable
class DrawnWeights(Protocol):
    """Weights drawn anew at every call, as one more chip would hold them."""

    def __call__(self, theta: Float[Tensor, "*shape"], staircase: Staircase) -> Float[Tensor, "*shape"]:
        """The weights of these latent ones."""


@runtime_checkable
class ArrivingWeights(Protocol):
    """Weights as they arrive at the sense amplifiers, through the lines of their array."""

    def __call__(
        self, layer: CellLayer, weights: Float[Tensor, "*shape"], bias_row: Float[Tensor, " outputs"] | None
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, " outputs"] | None]:
        """The weights and the bias row as they arrive."""

    def of_squares(
        self, layer: CellLayer, weights: Float[Tensor, "*shape"], bias_row: Float[Tensor, " outputs"] | None
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, " outputs"] | None]:
        """The variances of weights as they arrive."""


@runtime_checkable
class ReadError(Protocol):
    """Read noise of one product."""

    def __call__(
        self, layer: CellLayer, operands: Operands, rows: tuple[int, int]
    ) -> Float[Tensor, "batch outputs ..."]:
        """The error of the sums over these word lines, in units of the largest weight."""


@runtime_checkable
class Conversion(Protocol):
    """Currents of an array as its converters give them to the digital side."""

    def __call__(self, layer: CellLayer, operands: Operands) -> Float[Tensor, "batch outputs ..."]:
        """The sums over the tiles, in units of the largest weight."""


@dataclass(frozen=True, eq=False)
class ChipEffects:
    """Effects of a chip on the products of one layer, in the order in which they act; None: the effect is absent.

    Attributes:
        noise: on the weights, in training mode.
        wires: on what arrives of them, in both modes.
        reads: on every product, in training mode.
        converters: on the sums of the tiles, in both modes.
    """

    noise: DrawnWeights | None = None
    wires: ArrivingWeights | None = None
    reads: ReadError | None = None
    converters: Conversion | None = None


class CellOptions(TypedDict, total=False):
    """Arguments that layers of every kind have in common, as `CellLayer` describes them."""

    method: Method
    levels: Levels | None
    staircase: Staircase | None
    normalized: bool
    lines: int
    generator: torch.Generator | None


class CellLayer(nn.Module, ABC):
    """z = s (x W + d b_row) + b: base of the layers whose weights are pairs of cells.

    W = S(theta) takes only values that a pair of cells can hold. theta is a latent weight in units of the largest
    representable weight, s a scale per column or per layer, and the bias either digital (b) or one more word line of
    the array (b_row, quantised like any weight and driven with d). Smooth in training mode, hard after `eval()`.

    A kind of layer adds its geometry alone: `planned` and `product`. What a chip adds is there only inside a context
    (`seeing`, entered by `noisy_weights`, `wired_weights` and `converted_currents`).

    Args:
        shape: of the weights: outputs first, then whatever the word lines stand for.
        hardware: the description; `cell` and `weights` matter here.
        method: what training mode does.
        levels: of the description, to share with other layers; None: worked out.
        staircase: one to share with other layers, over the normalised representable weights; None: its own.
        normalized: batch normalisation comes next and takes any scale and bias away: s = 1 and b = 0, not trained.
            It goes with a scale per column and a digital bias.
        lines: word lines of an input: with two of them, one for each sign (`hwcore.mapping.line_pairs`), every weight
            is there twice, and errs twice.
        generator: source of the initial latent weights; None: torch's default one.

    Attributes:
        outputs, inputs: bit lines, and weights of each, the bias not counted; of a layer with groups, those of each
            group.
        groups: of outputs, each with inputs and arrays of its own; 1 unless a kind of layer has more.

    Shapes:
        theta (out, ...); log_scale (out,) or (1,); bias (out,), latent if it is an array row.
    """

    scales_weights: ClassVar[bool] = False
    """Scale on the weights instead of the outputs, where nothing is read in between: a kind with many more outputs than
    weights saves a pass over the outputs, and differs by rounding alone."""

    def __init__(
        self,
        shape: Sequence[int],
        hardware: Hardware,
        *,
        method: Method = "smooth",
        levels: Levels | None = None,
        staircase: Staircase | None = None,
        normalized: bool = False,
        lines: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.outputs, self.inputs, self.lines = shape[0], math.prod(shape[1:]), lines
        self.groups = 1
        self.bias_in_array = hardware.weights.bias == "array_row"
        self.levels = Levels.of(hardware) if levels is None else levels
        values = torch.from_numpy(self.levels.weights.normalized)
        self.staircase = Staircase(values, method=method) if staircase is None else staircase
        self.effects = ChipEffects()
        latent = torch.randn(*shape, generator=generator) * LATENT_SPREAD
        self.theta = nn.Parameter(latent)
        if normalized and (self.bias_in_array or hardware.weights.scale != "per_column"):
            raise ValueError(
                f"normalized: got True with weights.bias {hardware.weights.bias} and weights.scale "
                f"{hardware.weights.scale}; allowed: digital and per_column, or normalized False"
            )
        self.normalized = normalized
        scales = self.outputs if hardware.weights.scale == "per_column" else 1
        # Unit variance in, unit variance out, for weights of about half of full scale.
        log_scale = 0.0 if normalized else math.log(2.0 / math.sqrt(self.inputs))
        self.log_scale = nn.Parameter(torch.full((scales,), log_scale), requires_grad=not normalized)
        self.bias = nn.Parameter(torch.zeros(self.outputs), requires_grad=not normalized)

    step: int = 0
    """Number of the product within a call: a recurrent layer has several, one after another."""

    @classmethod
    @abstractmethod
    def planned(cls, plan: LayerPlan, hardware: Hardware, **options: Unpack[CellOptions]) -> CellLayer:
        """The layer of this plan; the other arguments are those of the class."""

    @property
    def rounds(self) -> bool:
        """Tell whether the weights have levels: those of a reference, and of a digital layer, stay what they are."""
        return self.staircase.method != "identity"

    @property
    def word_lines(self) -> int:
        """Word lines without the bias row; of a layer with groups, those of each group."""
        return self.inputs * self.lines

    @property
    def scale(self) -> Float[Tensor, " scales"]:
        """s: output per unit of the normalised current, above 0."""
        return self.log_scale.exp()

    def full_scale(self, limit: float | Tensor | None) -> float | Tensor:
        """Largest drive d of the word lines: the limit of the inputs, or 1 where nothing limits them."""
        return 1.0 if limit is None else limit

    @contextmanager
    def seeing(
        self,
        *,
        noise: DrawnWeights | None = None,
        wires: ArrivingWeights | None = None,
        reads: ReadError | None = None,
        converters: Conversion | None = None,
    ) -> Iterator[None]:
        """Compute with these effects inside a `with` block; one that is None stays as it was before."""
        before = self.effects
        self.effects = ChipEffects(
            noise=before.noise if noise is None else noise,
            wires=before.wires if wires is None else wires,
            reads=before.reads if reads is None else reads,
            converters=before.converters if converters is None else converters,
        )
        try:
            yield
        finally:
            self.effects = before

    def forward(
        self, x: Float[Tensor, "batch ..."], drive_max: float | Float[Tensor, ""] = 1.0
    ) -> Float[Tensor, "batch outputs ..."]:
        """Outputs before normalisation, pooling and activation.

        Args:
            x: drive of the word lines.
            drive_max: d, full scale of x: what a bias row is driven with, and what the range of an ADC goes by.
        """
        weights, bias_row = self.weights()
        x = x if self.lines == 1 else by_sign(x)
        if self.scales_weights and self.effects.reads is None and self.effects.converters is None:
            return self._of_scaled_weights(x, weights, None if bias_row is None else bias_row * drive_max)
        current = self.currents(Operands(x, weights, bias_row, drive_max))
        return current if self.normalized else self._scaled(current)

    def weights(self) -> tuple[Float[Tensor, "outputs ..."], Float[Tensor, " outputs"] | None]:
        """The weights of the array, and those of its bias row or None: what training or the mode makes of theta."""
        weights, bias_row = self._programmed(self.theta), self._programmed(self.bias) if self.bias_in_array else None
        if self.lines > 1:
            weights = on_both_lines(weights, self._programmed(self.theta))
        wires = self.effects.wires
        return (weights, bias_row) if wires is None else wires(self, weights, bias_row)

    def currents(self, operands: Operands) -> Float[Tensor, "batch outputs ..."]:
        """Currents of the whole array as the digital side gets them, in units of the largest weight."""
        converters = self.effects.converters
        if converters is not None:
            return converters(self, operands)
        return self.partial_sum(operands, (0, self.word_lines + (operands.bias_row is not None)))

    def partial_sum(self, operands: Operands, rows: tuple[int, int]) -> Float[Tensor, "batch outputs ..."]:
        """`exact_sum`, in training mode with what a read adds to it, if anything does."""
        current, reads = self.exact_sum(operands, rows), self.effects.reads
        return current if reads is None or not self.training else current + reads(self, operands, rows)

    def exact_sum(self, operands: Operands, rows: tuple[int, int]) -> Float[Tensor, "batch outputs ..."]:
        """Currents of some word lines alone: of one row block of tiles, in units of the largest weight.

        Args:
            operands: of all word lines.
            rows: the first of them and the one after the last; the bias row, if there is one, comes after all inputs.
        """
        start, stop = rows
        lines = self.word_lines
        bias_row = operands.bias_row if stop > lines else None
        added = None if bias_row is None else bias_row * operands.drive_max
        return self.product(operands.x, operands.weights, added, (min(start, lines), min(stop, lines)))

    @abstractmethod
    def product(
        self,
        x: Float[Tensor, "batch ..."],
        weights: Float[Tensor, "outputs ..."],
        added: Float[Tensor, " outputs"] | None,
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs ..."]:
        """x W over some word lines alone: the geometry of a kind of layer.

        Args:
            x: drives of all word lines but the bias row.
            weights: of all of them.
            added: to every product of an output; None: nothing.
            rows: the first word line and the one after the last, the bias row not counted.
        """

    def _programmed(self, theta: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        noise = self.effects.noise
        if noise is None or not self.training:
            weights: Tensor = self.staircase(theta)
            return weights
        return noise(theta, self.staircase)

    def _of_scaled_weights(self, x: Tensor, weights: Tensor, added: Tensor | None) -> Tensor:
        """Outputs with the scale on the weights: products of the whole array, of which nothing but the sum is seen."""
        rows = (0, self.word_lines)
        if self.normalized:
            return self.product(x, weights, None, rows)
        scale = self.scale.expand(self.outputs)
        bias = self.bias if added is None else added * scale
        column = (-1, *(1 for _ in weights.shape[1:]))
        return self.product(x, weights * scale.view(column), bias, rows)

    def _scaled(self, current: Tensor) -> Tensor:
        """Outputs with the scale on the currents."""
        if current.ndim == 2:
            # One product: scale and bias of the columns are rows of a matrix, and need not be turned.
            if self.bias_in_array:
                return current * self.scale
            return torch.addcmul(self.bias, current, self.scale.expand(self.outputs))
        column = (-1, *(1 for _ in current.shape[2:]))
        current = current * self.scale.expand(self.outputs).view(column)
        return current if self.bias_in_array else current + self.bias.view(column)

    @torch.no_grad()
    def value_index(self) -> Int64[Tensor, "outputs rows"]:
        """Index of the representable value of every pair of cells: the inputs, then the bias row if there is one."""
        index = self.staircase.index(self.theta).flatten(1)
        if self.bias_in_array:
            index = torch.cat([index, self.staircase.index(self.bias)[:, None]], dim=1)
        return index

    def array_of(self, index: Int64[Tensor, "outputs rows"], size: ArraySize) -> Array:
        """The array that these weights are written to.

        Args:
            index: from `value_index`.
            size: of an array.
        """
        pairs, second = place(index, self.levels), self._second_lines()
        if second is not None:
            pairs = pairs.of_rows(inputs_of_lines(self.inputs, self._area, int(self.bias_in_array)))
        return Array("", pairs, tile_grid(*pairs.shape, size, self.groups), second=second)

    def designed(self, index: Int64[Tensor, "outputs rows"]) -> Float64[Tensor, "lines outputs"]:
        """Differences of the bit lines of every pair for a word line that is driven with 1, in the largest weight.

        Args:
            index: from `value_index`.
        """
        weights, second = self.staircase.exact[index].T, self._second_lines()
        if second is None:
            return weights
        lines = inputs_of_lines(self.inputs, self._area, int(self.bias_in_array))
        weights = weights[lines.to(weights.device)]
        return torch.where(second.to(weights.device)[:, None], -weights, weights)

    @property
    def _area(self) -> int:
        """Inputs of a channel: pixels of a kernel."""
        return math.prod(self.theta.shape[2:])

    def _second_lines(self) -> Bool[Tensor, " lines"] | None:
        return None if self.lines == 1 else second_lines(self.inputs, self._area, int(self.bias_in_array))


def cell_layers(network: nn.Module) -> list[CellLayer]:
    """The layers of cells of any module, in its own order."""
    return [module for module in network.modules() if isinstance(module, CellLayer)]
