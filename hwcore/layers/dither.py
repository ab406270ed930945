"""Noise before the staircases of the activations, for training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.snapshot import Snapshot
from hwcore.streams import random_bytes


class Dither:
    """x + a d u, u uniform within -1/2 and 1/2, another for every element: d a step, a falling to 0 on a line.

    Args:
        width: a at first, in steps, from 0.
        total: calls of the network in training mode until a is 0, from 1.
        generator: source of u, in 256 values, on the CPU.
    """

    def __init__(self, width: float, total: int, generator: torch.Generator) -> None:
        self.width, self.total, self.generator = width, total, generator
        self.begun = 0

    @property
    def now(self) -> float:
        """a in the call under way."""
        return self.width * max(0.0, 1.0 - max(self.begun - 1, 0) / self.total)

    @contextmanager
    def passing(self, network: nn.Module) -> Iterator[None]:
        """Within this context every call of the network in training mode counts."""
        hook = network.register_forward_pre_hook(lambda *_: self._begin() if network.training else None)
        try:
            yield
        finally:
            hook.remove()

    def _begin(self) -> None:
        self.begun += 1

    def __call__(self, x: Float[Tensor, "*shape"], step: Float[Tensor, ""]) -> Float[Tensor, "*shape"]:
        """x with its noise; no gradient flows into the step."""
        drawn = random_bytes(tuple(x.shape), self.generator).view(torch.int8).to(x.device)
        noise: Tensor = drawn * (step.detach() * (self.now / 256))
        return x + noise

    def snapshot(self) -> Snapshot:
        """What the next draws depend on."""
        return Snapshot({"state": self.generator.get_state()}, {"begun": self.begun})

    def restore(self, snapshot: Snapshot) -> None:
        """The next draws are those that would have come."""
        self.generator.set_state(snapshot.tensors["state"])
        self.begun = snapshot.values["begun"]
