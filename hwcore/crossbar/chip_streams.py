"""Random numbers of one chip: a stream for each effect."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from hwcore.streams import CHIPS, stream

STUCK, DRIFTING, READING = 1, 2, 3
"""Purposes of the streams of a chip; the writes have the stream without a purpose."""


@dataclass(frozen=True)
class ChipStreams:
    """Streams of one chip. Each effect has its own, so a chip has the same faults alone and with all other effects.

    Attributes:
        seed: of the job.
        number: of the chip, from 0.
    """

    seed: int
    number: int

    def __call__(self, *purpose: int) -> torch.Generator:
        """A new generator at the beginning of the stream of this purpose, on the CPU."""
        return stream(self.seed, CHIPS, self.number, *purpose)
