"""The time after the write that a batch is computed at: one for the whole network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from hwcore.layers.attached import before_training_calls


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
        with before_training_calls(network, self._draw):
            yield

    def _draw(self) -> None:
        if self.count > 1:
            self.now = int(torch.randint(self.count, (), generator=self.generator))
