"""The activation between two layers, quantised over a range."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from hwcore.quant import Method, Staircase, activation_function
from hwcore.spec import Activate, Activation, ValueRange, activation_range, has_both_signs

OF_HARDWARE = Activate()
"""Activation of a node that has the function of the hardware."""


def unit_levels(activation: Activation, signed: bool | None = None) -> Float64[Tensor, " levels"]:
    """Output levels over the range 1: k / (2^b - 1) for relu and sigmoid, -1 + 2 k / (2^b - 1) for tanh.

    Args:
        activation: with `bits` b, 1 to 8, not None.
        signed: whether the levels have both signs; None: as the function of the activation has.
    """
    if activation.bits is None:
        raise ValueError("activation.bits: got null; allowed: a number of bits, 1 to 8, to have levels")
    signed = activation.function == "tanh" if signed is None else signed
    return torch.linspace(1.0 - _span(signed), 1.0, 2**activation.bits, dtype=torch.float64)


def _span(signed: bool) -> float:
    """Span from the lowest output to the highest, over the range."""
    return 2.0 if signed else 1.0


@runtime_checkable
class Dither(Protocol):
    """Noise before the staircase in training mode."""

    def __call__(self, x: Float[Tensor, "*shape"], step: Float[Tensor, ""]) -> Float[Tensor, "*shape"]:
        """x with its noise; step: the distance of two levels, unit of x."""


class HardwareActivation(nn.Module):
    """y = r S(f(x) / r): the function, then a staircase over the range r. Smooth in training mode, hard after `eval()`.

    relu has no kink of its own in training: the lowest step of the smooth staircase takes its place.
    Without bits, and where the staircase is the identity, it is the plain function. There is noise before it only
    inside a context (`dithered`, entered by `noisy_activations`).

    Args:
        activation: function, bits and the rule for the range.
        method: what training mode does.
        initial_range: r to start from, above 0; None: 2 for relu, 1 for sigmoid and tanh, or the number given.
        normalized: batch normalisation comes before. relu's range then is learned by its scale and shift, which stretch
            x against r, and r itself is not trained.
        staircase: one to share with other layers, over `unit_levels`; None: its own.
        operation: node of a graph, which may have a function of its own; None: that of the description.
    """

    def __init__(
        self,
        activation: Activation,
        *,
        method: Method = "smooth",
        initial_range: float | None = None,
        normalized: bool = False,
        staircase: Staircase | None = None,
        operation: Activate = OF_HARDWARE,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.operation = operation
        self.function = operation.function_on(activation.function)
        self.signed = has_both_signs(operation, activation)
        self.dither: Dither | None = None
        self.step = 0.0 if activation.bits is None else _span(self.signed) / (2**activation.bits - 1)
        self.staircase = staircase
        if staircase is None and activation.bits is not None:
            self.staircase = Staircase(unit_levels(activation, self.signed), method=method)
        if isinstance(activation.range, float):
            initial_range = activation.range
        elif initial_range is None:
            initial_range = 2.0 if self.function == "relu" else 1.0
        if not 0 < initial_range < math.inf:
            raise ValueError(f"initial_range: got {initial_range}; allowed: a number above 0")
        # A logarithm keeps the range above zero and makes a step of the optimiser a share of it.
        log_range = torch.tensor(initial_range, dtype=torch.get_default_dtype()).log()
        redundant = normalized and self.function == "relu"
        if activation.range == "learned" and activation.bits is not None and not redundant:
            self.log_range: Tensor = nn.Parameter(log_range)
        else:
            self.register_buffer("log_range", log_range)

    @property
    def range(self) -> Float[Tensor, ""]:
        """r, the largest output; without unit."""
        if isinstance(self.activation.range, float):
            return torch.full_like(self.log_range, self.activation.range)
        return self.log_range.exp()

    def set_range(self, value: float) -> None:
        """Start from this range, above 0; a range that the description gives stays as it is."""
        if not 0 < value < math.inf:
            raise ValueError(f"range: got {value}; allowed: a number above 0")
        if not isinstance(self.activation.range, float):
            with torch.no_grad():
                self.log_range.fill_(value).log_()

    @contextmanager
    def dithered(self, dither: Dither) -> Iterator[None]:
        """Add this noise to the inputs of the staircase, in training mode, inside a `with` block."""
        before, self.dither = self.dither, dither
        try:
            yield
        finally:
            self.dither = before

    @property
    def full_scale(self) -> Float[Tensor, ""]:
        """Largest drive of the next layer's word lines: the range, or 1 where nothing limits the output."""
        return torch.ones_like(self.log_range) if self.staircase is None else self.range

    @property
    def values(self) -> ValueRange:
        """Range of the outputs; while it is trained, its limit is a tensor."""
        return activation_range(self.operation, self.activation, None if self.staircase is None else self.range)

    def forward(self, x: Float[Tensor, "*batch features"]) -> Float[Tensor, "*batch features"]:
        """The activation of each element; dtype of x."""
        if self.staircase is None or self.staircase.method == "identity":
            return activation_function(self.function)(x)
        # The lowest level of a staircase cuts off what is below zero.
        if self.function != "relu":
            x = activation_function(self.function)(x)
        full_scale = self.range
        if self.dither is not None and self.training:
            x = self.dither(x, self.step * full_scale)
        return self.staircase.scaled(x, full_scale)

    def extra_repr(self) -> str:
        """Function, bits and range, for `print`."""
        return f"function={self.function}, bits={self.activation.bits}, range={float(self.range.detach()):.4g}"
