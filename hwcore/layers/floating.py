"""The network in floating point: what the chip is compared with, and what training for it starts from."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.blocks import normalization_of, pooling_of, shaped
from hwcore.quant import activation_function
from hwcore.spec import LayerPlan, Normalization, Plan


class _UndrawnLinear(nn.Linear):
    """`nn.Linear` that draws nothing when it is made: torch's own generator stays where it was."""

    def reset_parameters(self) -> None:
        """Leave the memory as it came."""


class _UndrawnConv2d(nn.Conv2d):
    """`nn.Conv2d` that draws nothing when it is made: torch's own generator stays where it was."""

    def reset_parameters(self) -> None:
        """Leave the memory as it came."""


def _linear(layer: LayerPlan, generator: torch.Generator | None) -> nn.Module:
    """`nn.Linear` or `nn.Conv2d` with its usual initial weights, drawn from a generator that is passed in."""
    window = layer.window
    module: nn.Linear | nn.Conv2d
    if window is None:
        module = _UndrawnLinear(layer.inputs, layer.outputs)
    else:
        module = _UndrawnConv2d(window.channels, layer.outputs, window.kernel, window.stride, window.padding)
    bound = 1.0 / math.sqrt(layer.inputs)
    with torch.no_grad():
        for parameter in (module.weight, module.bias):
            if parameter is not None:
                parameter.uniform_(-bound, bound, generator=generator)
    return module


class FloatNetwork(nn.Module):
    """Linear map, normalisation, pooling, activation, ..., linear map: the network as floating point has it.

    Args:
        plan: the layers from input to output, at least one.
        function: relu, sigmoid or tanh.
        normalization: batch (after every layer but the last) or none.
        generator: source of the initial weights; None: torch's default one.
    """

    def __init__(
        self,
        plan: Plan,
        function: str,
        normalization: Normalization,
        *,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.plan = plan
        self.function = activation_function(function)
        self.linear = nn.ModuleList(_linear(layer, generator) for layer in plan)
        self.norm = nn.ModuleList(normalization_of(layer, normalization) for layer in plan[:-1])
        self.pool = nn.ModuleList(pooling_of(layer) for layer in plan[:-1])

    def hidden(self, x: Float[Tensor, "batch inputs"]) -> Iterator[Float[Tensor, batch * features]]:
        """The outputs of every activation, from input to output."""
        for layer, linear, norm, pool in zip(self.plan, self.linear, self.norm, self.pool, strict=False):
            x = self.function(pool(norm(linear(shaped(x, layer)))))
            yield x

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch classes"]:
        """Logits. Images come flattened, channel after channel and row after row."""
        for output in self.hidden(x):
            x = output
        logits: Tensor = self.linear[-1](shaped(x, self.plan[-1]))
        return logits
