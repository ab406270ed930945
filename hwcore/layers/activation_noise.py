"""Noise before the quantised activations while a network trains."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.activation import HardwareActivation
from hwcore.layers.contexts import before_training_calls, entered
from hwcore.snapshot import Snapshot
from hwcore.streams import random_bytes


class ActivationNoise:
    """x + a d u: d the distance of two levels, u uniform between -1/2 and 1/2 and another for every element and call.

    a falls to 0 on a line. u takes the 256 values (k + 1/2) / 256.

    Args:
        width: a at first, in steps, from 0.
        total: calls of the network in training mode until a is 0, from 1.
        generator: source of u, on the CPU.
    """

    def __init__(self, width: float, total: int, generator: torch.Generator) -> None:
        self.width, self.total, self.generator = width, total, generator
        self.calls = 0

    @property
    def now(self) -> float:
        """a in the call under way; steps."""
        return self.width * max(0.0, 1.0 - max(self.calls - 1, 0) / self.total)

    def begin(self) -> None:
        """The next call of the network begins."""
        self.calls += 1

    def __call__(self, x: Float[Tensor, "*shape"], step: Float[Tensor, ""]) -> Float[Tensor, "*shape"]:
        """x with its noise, in the dtype of x; differentiable in x and in d.

        Args:
            x: what the staircase would read.
            step: d, unit of x.
        """
        drawn = random_bytes(tuple(x.shape), self.generator).view(torch.int8).to(x.device).to(x.dtype).add_(0.5)
        return x + drawn * (step.to(x.dtype) * (self.now / 256))

    def snapshot(self) -> Snapshot:
        """State of the generator, and the calls so far."""
        return Snapshot({"generator": self.generator.get_state()}, {"calls": self.calls})

    def restore(self, snapshot: Snapshot) -> None:
        """The next draws are those that would have come."""
        self.generator.set_state(snapshot.tensors["generator"])
        self.calls = snapshot.values["calls"]


@contextmanager
def noisy_activations(
    network: nn.Module, generator: torch.Generator, *, width: float, total: int
) -> Iterator[ActivationNoise]:
    """Add noise before the staircases of the activations in training mode: they read x + a d u (`ActivationNoise`).

    So no unit can depend on an output that only just reaches its level. Activations without bits have no noise.

    Args:
        network: any module with `HardwareActivation` inside.
        generator: source of u, on the CPU.
        width: a at first, in steps, from 0; 0: no noise.
        total: calls of the network in training mode until a is 0, from 1.

    Yields:
        What was drawn so far, for a training that has to go on where it was.

    Raises:
        ValueError: a width below 0 or not finite, or no calls.

    Source: uniform noise in the place of rounding is that of C. Baskin et al. 2018, arXiv:1804.10969; here it comes
        before a staircase that stays.
    """
    if not 0 <= width < math.inf:
        raise ValueError(f"width: got {width}; allowed: a number from 0, in steps")
    if total < 1:
        raise ValueError(f"total: got {total}; allowed: 1 or more, calls of the network")
    noise = ActivationNoise(width, total, generator)
    with ExitStack() as within:
        if width > 0:
            activations = (module for module in network.modules() if isinstance(module, HardwareActivation))
            within.enter_context(before_training_calls(network, noise.begin))
            within.enter_context(entered(activation.dithered(noise) for activation in activations))
        yield noise
