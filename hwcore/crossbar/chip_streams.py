"""Random numbers of one chip: a stream for each effect that is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from hwcore.spec import EFFECTS, Effect
from hwcore.streams import CHIPS, stream


@dataclass(frozen=True)
class ChipStreams:
    """Streams of one chip, by effect.

    Attributes:
        seed: of the job.
        number: of the chip, from 0.
    """

    seed: int
    number: int

    def __call__(self, effect: Effect, *part: int) -> torch.Generator:
        """A new generator at the beginning of the stream of an effect, on the CPU.

        Args:
            effect: one that is drawn.
            part: of the chip, where each part is to have numbers of its own.

        Raises:
            ValueError: nothing is drawn of this effect.
        """
        number = EFFECTS[effect].stream
        if number is None:
            drawn = ", ".join(name for name, row in EFFECTS.items() if row.drawn)
            raise ValueError(f"effect: got {effect}; allowed: {drawn}")
        # The writes have the stream of the chip itself.
        return stream(self.seed, CHIPS, self.number, *((number, *part) if number or part else ()))
