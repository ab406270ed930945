"""Independent streams of random numbers, all from the one seed of the job."""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

INITIAL_WEIGHTS, FLOAT_ORDER, HARDWARE_ORDER, CHIPS, TRAINING_NOISE, SETTLING_NOISE, ACTIVATION_NOISE = range(7)
"""Purposes of streams: the first word of a stream's key."""


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


def random_bytes(shape: tuple[int, ...], generator: torch.Generator) -> UInt8[Tensor, "*shape"]:
    """Bytes from 0 to 255, all alike, eight of every number drawn: a generator is slow, and a step needs many.

    Args:
        shape: of the result, on the CPU.
        generator: on the CPU.
    """
    count = math.prod(shape)
    words = torch.empty(-(-count // 8), dtype=torch.int64).random_(-(2**63), None, generator=generator)
    return words.view(torch.uint8)[:count].view(shape)
