"""The network in floating point: what the chip is compared with, and what training for it starts from."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.digital import normalization_of, pooling_of, shaped
from hwcore.layers.float_layer import FloatLayer
from hwcore.layers.kinds import float_layer
from hwcore.quant import activation_function
from hwcore.spec import Normalization, Plan


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
        self.linear = nn.ModuleList(float_layer(layer, generator) for layer in plan)
        self.norm = nn.ModuleList(normalization_of(layer, normalization) for layer in plan[:-1])
        self.pool = nn.ModuleList(pooling_of(layer) for layer in plan[:-1])

    def affine(self) -> list[tuple[Float[Tensor, "outputs ..."], Float[Tensor, " outputs"]]]:
        """Weights and bias of every layer."""
        return [layer.affine() for layer in self.linear if isinstance(layer, FloatLayer)]

    def hidden(self, x: Float[Tensor, "batch inputs"]) -> Iterator[Float[Tensor, "batch ..."]]:
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
