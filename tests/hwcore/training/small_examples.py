"""Labelled images for tests of training: the digits, and what one types by hand."""

from functools import cache

import numpy as np
import torch

from hwcore.datasets import holdout, load
from hwcore.training import Examples


@cache
def digits() -> tuple[Examples, Examples]:
    """Training and held-out digits at full precision."""
    dataset = load("digits")
    kept, held = holdout(len(dataset.train_labels), 0)
    codes = dataset.train_images.reshape(len(dataset.train_images), -1)
    device = torch.device("cpu")
    return tuple(  # type: ignore[return-value]
        Examples.of(codes[part], 1 / 16, dataset.train_labels[part], device) for part in (kept, held)
    )


def typed(codes: list[list[int]], labels: list[int], lsb: float = 1.0) -> Examples:
    """Examples as written."""
    return Examples.of(np.array(codes, dtype=np.uint8), lsb, np.array(labels, dtype=np.int64), torch.device("cpu"))


def drawn(count: int, inputs: int, classes: int = 3, seed: int = 0) -> Examples:
    """Noise with random labels."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, 16, (count, inputs)).astype(np.uint8)
    return Examples.of(codes, 1 / 15, generator.integers(0, classes, count), torch.device("cpu"))
