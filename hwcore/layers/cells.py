"""What a dense layer and a convolution of cells have in common: latent weights, scales, a bias."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn

from hwcore.quant import Method, Staircase
from hwcore.spec import Hardware, representable

LATENT_SPREAD = 0.12
"""Standard deviation of the initial latent weights over full scale: about half the smallest step of a 2-bit cell."""


def weight_values(hardware: Hardware) -> Float64[Tensor, " values"]:
    """The weights that the description can represent over the largest of them: within [-1, 1], without unit."""
    return torch.from_numpy(representable(hardware).normalized)


class Noise(Protocol):
    """What training draws: weights as one more chip would hold them."""

    def __call__(self, theta: Float[Tensor, "*shape"], staircase: Staircase) -> Float[Tensor, "*shape"]:
        """The weights of these latent ones."""


class Arriving(Protocol):
    """What the lines leave of weights and of a bias row."""

    def __call__(
        self, layer: CellLayer, weights: Float[Tensor, "*shape"], bias_row: Float[Tensor, " outputs"] | None
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, " outputs"] | None]:
        """The same as they arrive at the sense amplifiers."""

    def of_squares(
        self, layer: CellLayer, weights: Float[Tensor, "*shape"], bias_row: Float[Tensor, " outputs"] | None
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, " outputs"] | None]:
        """What arrives of variances of weights."""


class ErrorOfReads(Protocol):
    """What is wrong with the currents of one product."""

    def __call__(
        self,
        layer: CellLayer,
        x: Float[Tensor, "batch ..."],
        drive_max: float | Float[Tensor, ""],
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs ..."]:
        """The error of the partial sums of these word lines, in units of the largest weight."""


class Reading(Protocol):
    """How the currents of the array become numbers."""

    def __call__(
        self,
        layer: CellLayer,
        x: Float[Tensor, "batch ..."],
        weights: Float[Tensor, "outputs ..."],
        bias_row: Float[Tensor, " outputs"] | None,
        drive_max: float | Float[Tensor, ""],
    ) -> Float[Tensor, "batch outputs ..."]:
        """The sums over the tiles, in units of the largest weight."""


class CellLayer(nn.Module):
    """Base of the layers whose weights are pairs of cells: one array, its scales and its bias.

    What a chip adds to that is there only while a context is (`noisy_weights` in training mode, `wired_weights` and
    `converted_currents` in both): `noise`, then `wires`, then `reads`, then `converters`, each None otherwise.

    Args:
        shape: of the weights: outputs first, then whatever the word lines stand for.
        hardware: the description; `cell` and `weights` matter here.
        method: what training mode does.
        staircase: one to share with other layers, over the normalised representable weights; None: its own.
        normalized: batch normalisation comes next and takes any scale and bias away: s = 1 and b = 0, not trained.
            It goes with a scale per column and a digital bias.
        generator: source of the initial latent weights; None: torch's default one.

    Shapes:
        theta (out, ...); log_scale (out,) or (1,); bias (out,), latent if it is an array row.
    """

    def __init__(
        self,
        shape: Sequence[int],
        hardware: Hardware,
        *,
        method: Method = "smooth",
        staircase: Staircase | None = None,
        normalized: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.outputs, self.inputs = shape[0], math.prod(shape[1:])
        self.bias_in_array = hardware.weights.bias == "array_row"
        self.staircase = Staircase(weight_values(hardware), method=method) if staircase is None else staircase
        self.noise: Noise | None = None
        self.wires: Arriving | None = None
        self.reads: ErrorOfReads | None = None
        self.converters: Reading | None = None
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

    @property
    def scale(self) -> Float[Tensor, " scales"]:
        """s: output per unit of the normalised current, above 0."""
        return self.log_scale.exp()

    def weights(self) -> tuple[Float[Tensor, outputs * inputs], Float[Tensor, " outputs"] | None]:
        """The weights of the array, and those of its bias row or None: what training or the mode makes of theta."""
        weights, bias_row = self._programmed(self.theta), self._programmed(self.bias) if self.bias_in_array else None
        return (weights, bias_row) if self.wires is None else self.wires(self, weights, bias_row)

    def currents(
        self,
        x: Float[Tensor, "batch ..."],
        weights: Float[Tensor, "outputs ..."],
        bias_row: Float[Tensor, " outputs"] | None,
        drive_max: float | Float[Tensor, ""],
    ) -> Float[Tensor, "batch outputs ..."]:
        """Currents of the whole array as the digital side gets them; arguments as for `product`."""
        if self.converters is not None:
            return self.converters(self, x, weights, bias_row, drive_max)
        return self.partial_sum(x, weights, bias_row, drive_max, (0, self.inputs + (bias_row is not None)))

    def partial_sum(
        self,
        x: Float[Tensor, "batch ..."],
        weights: Float[Tensor, "outputs ..."],
        bias_row: Float[Tensor, " outputs"] | None,
        drive_max: float | Float[Tensor, ""],
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs ..."]:
        """`product`, in training mode with what a read adds to it, if anything does."""
        current = self.product(x, weights, bias_row, drive_max, rows)
        return current + self.reads(self, x, drive_max, rows) if self.reads is not None and self.training else current

    def product(
        self,
        x: Float[Tensor, "batch ..."],
        weights: Float[Tensor, "outputs ..."],
        bias_row: Float[Tensor, " outputs"] | None,
        drive_max: float | Float[Tensor, ""],
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs ..."]:
        """Currents of some word lines alone: of one row block of tiles, in units of the largest weight.

        Args:
            x: drive of all word lines but the bias row.
            weights: of all of them.
            bias_row: the last word line; None: there is none.
            drive_max: drive of the bias row.
            rows: the first of them and the one after the last.
        """
        raise NotImplementedError

    def _programmed(self, theta: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        if self.noise is None or not self.training:
            weights: Tensor = self.staircase(theta)
            return weights
        return self.noise(theta, self.staircase)

    @torch.no_grad()
    def value_index(self) -> Int64[Tensor, "outputs rows"]:
        """Index of the representable value of every pair of cells: the inputs, then the bias row if there is one."""
        index = self.staircase.index(self.theta).flatten(1)
        if self.bias_in_array:
            index = torch.cat([index, self.staircase.index(self.bias)[:, None]], dim=1)
        return index
