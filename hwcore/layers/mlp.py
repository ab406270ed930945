"""The multilayer perceptron, in floating point and on the chip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.activation import HardwareActivation, unit_levels
from hwcore.layers.linear import HardwareLinear, weight_values
from hwcore.quant import Method, Staircase, activation_function
from hwcore.spec import Hardware

Normalization = Literal["batch", "none"]


class Dense(nn.Linear):
    """`nn.Linear` with its usual initial weights, drawn from a generator that is passed in."""

    def __init__(self, in_features: int, out_features: int, generator: torch.Generator | None) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features = in_features, out_features
        bound = 1.0 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound, generator=generator))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound, generator=generator))


def _norm(normalization: Normalization, features: int) -> nn.Module:
    return nn.BatchNorm1d(features) if normalization == "batch" else nn.Identity()


def _full_scale(activation: nn.Module) -> Tensor:
    # A ModuleList forgets the type of what it holds.
    if not isinstance(activation, HardwareActivation):
        raise TypeError(f"activation: got {type(activation).__name__}; allowed: HardwareActivation")
    return activation.full_scale


class FloatMLP(nn.Module):
    """Linear, normalisation, activation, ..., linear: the network as floating point has it.

    Args:
        widths: units from input to output, at least two.
        function: relu, sigmoid or tanh.
        normalization: batch (after every layer but the last) or none.
        generator: source of the initial weights; None: torch's default one.
    """

    def __init__(
        self,
        widths: Sequence[int],
        function: str,
        normalization: Normalization,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.function = activation_function(function)
        self.linear = nn.ModuleList(Dense(i, o, generator) for i, o in pairwise(widths))
        self.norm = nn.ModuleList(_norm(normalization, width) for width in widths[1:-1])

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch classes"]:
        """Logits."""
        for linear, norm in zip(self.linear, self.norm, strict=False):
            x = self.function(norm(linear(x)))
        logits: Tensor = self.linear[-1](x)
        return logits


class HardwareMLP(nn.Module):
    """The same network with cells for weights and quantised activations; its layers share one staircase of each kind.

    Args:
        widths: units from input to output, at least two.
        hardware: the description.
        normalization: batch (after every layer but the last) or none.
        method: what training mode does.
        generator: source of the initial latent weights; None: torch's default one.
    """

    def __init__(
        self,
        widths: Sequence[int],
        hardware: Hardware,
        normalization: Normalization,
        *,
        method: Method = "smooth",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.hardware = hardware
        self.weight_staircase = Staircase(weight_values(hardware), method=method)
        activation = hardware.activation
        steps = None if activation.bits is None else Staircase(unit_levels(activation), method=method)
        self.linear = nn.ModuleList(
            HardwareLinear(i, o, hardware, staircase=self.weight_staircase, generator=generator)
            for i, o in pairwise(widths)
        )
        self.norm = nn.ModuleList(_norm(normalization, width) for width in widths[1:-1])
        self.activation = nn.ModuleList(HardwareActivation(activation, staircase=steps) for _ in widths[1:-1])

    def full_scales(self) -> list[float]:
        """Largest output of every activation: what the bias row of the layer after it is driven with."""
        return [float(_full_scale(activation).detach()) for activation in self.activation]

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch classes"]:
        """Logits. The inputs are already codes times LSB, with full scale 1."""
        drive = torch.ones((), dtype=x.dtype, device=x.device)
        for linear, norm, activation in zip(self.linear, self.norm, self.activation, strict=False):
            x = activation(norm(linear(x, drive)))
            drive = _full_scale(activation)
        logits: Tensor = self.linear[-1](x, drive)
        return logits
