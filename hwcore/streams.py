"""Independent streams of random numbers, all from the one seed of the job."""

from __future__ import annotations

import numpy as np
import torch

INITIAL_WEIGHTS, FLOAT_ORDER, HARDWARE_ORDER, CHIPS, TRAINING_NOISE, SETTLING_NOISE = range(6)
"""What a stream is for: the first word of its key."""


def stream(seed: int, *key: int) -> torch.Generator:
    """A generator on the CPU for one purpose: other streams neither move it nor are moved by it.

    Args:
        seed: of the job, from 0.
        key: the purpose, then numbers within it, such as that of a chip.

    torch's generator on the CPU takes 32 bits of a seed: among 10,000 chips two are the same with a chance of 1 %.

    Source: numpy's SeedSequence (M. E. O'Neill's seed_seq hashing), which keeps streams with different keys apart.
    """
    state = np.random.SeedSequence(entropy=seed, spawn_key=key).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]) >> 1)
