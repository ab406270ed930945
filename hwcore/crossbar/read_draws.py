"""Where the noise of a chip's products comes from."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float32
from torch import Tensor

FRESH = 1 << 23
"""Numbers of a chip that are drawn for one product alone: 32 MiB."""


class ReadDraws:
    """xi ~ N(0, 1) for every product: up to a limit new ones, then stretches of these from random places.

    A generator is slower than everything else that is done to a product. Ten thousand images on 784-512-512-10 take
    57 million numbers, so that each serves seven times: at other images, other columns and other tiles. What a product
    errs by has the same law, and is independent of what else the same image meets, but where two stretches begin within
    a row of one another: one pair of them in eight thousand.

    Args:
        generator: on the CPU.
        fresh: new numbers at most, from 1.
    """

    def __init__(self, generator: torch.Generator, *, fresh: int = FRESH) -> None:
        self.generator = generator
        # Pages that are never written to take no memory.
        self.store = torch.empty(fresh)
        self.drawn = 0

    def __call__(self, shape: tuple[int, ...]) -> Float32[Tensor, "*shape"]:
        """The next numbers; not to be written to."""
        count = math.prod(shape)
        if self.drawn + count <= len(self.store):
            stretch = self.store[self.drawn : self.drawn + count]
            self.drawn += count
            return stretch.normal_(generator=self.generator).view(shape)
        if count > self.drawn:
            return torch.randn(shape, generator=self.generator)
        start = int(torch.randint(self.drawn - count + 1, (), generator=self.generator))
        return self.store[start : start + count].view(shape)
