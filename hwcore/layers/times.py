"""The time after the write that a batch is computed at: one for the whole network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


class Times:
    """Which of so many times it is, drawn evenly.

    Args:
        count: from 1.
        generator: of the drawing, on the CPU; not used for a single time.
    """

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self.count, self.generator, self.now = count, generator, 0

    @contextmanager
    def passing(self, network: nn.Module) -> Iterator[None]:
        """Within this context every call of the network in training mode draws a time, before anything is computed."""
        hook = network.register_forward_pre_hook(lambda *_: self._draw() if network.training else None)
        try:
            yield
        finally:
            hook.remove()

    def _draw(self) -> None:
        if self.count > 1:
            self.now = int(torch.randint(self.count, (), generator=self.generator))
