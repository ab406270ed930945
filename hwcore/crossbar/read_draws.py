"""Random numbers of the read noise of one chip, fresh or from a store."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float32
from torch import Tensor

FRESH = 1 << 23
"""Numbers of a chip that are drawn for one product alone: 32 MiB."""
PLACES = 4
"""A stretch comes from the store only where that is so many times as long: else it would be nearly the same one."""


class ReadDraws:
    """xi ~ N(0, 1) for every product: up to a limit new ones, then stretches of these from random places.

    A generator is slower than everything else that is done to a product. Ten thousand images on 784-512-512-10 take
    57 million numbers, so that each serves seven times: at other images, other columns and other tiles. What a product
    errs by has the same law, and is independent of what else its image meets unless two stretches of a batch begin
    within a row of one another: with n columns and N numbers a share of 2 n / N of the pairs of products, here one in
    8,000, or one batch in 150. A product so large that stretches of it would overlap much has new numbers.

    Args:
        generator: on the CPU.
        fresh: new numbers to be kept, at most.
    """

    def __init__(self, generator: torch.Generator, *, fresh: int = FRESH) -> None:
        self.generator = generator
        self.store = torch.empty(fresh, dtype=torch.float32)
        self.drawn = 0

    def __call__(self, shape: tuple[int, ...]) -> Float32[Tensor, "*shape"]:
        """The next numbers; not to be written to."""
        count = math.prod(shape)
        if self.drawn + count <= len(self.store):
            stretch = self.store[self.drawn : self.drawn + count]
            self.drawn += count
            return stretch.normal_(generator=self.generator).view(shape)
        if PLACES * count > self.drawn:
            return torch.randn(shape, generator=self.generator, dtype=torch.float32)
        start = int(torch.randint(self.drawn - count + 1, (), generator=self.generator))
        return self.store[start : start + count].view(shape)
