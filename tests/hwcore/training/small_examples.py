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
    device = torch.device("cpu")
    return tuple(  # type: ignore[return-value]
        Examples.of(dataset.train_images[part], 1 / 16, dataset.train_labels[part], device) for part in (kept, held)
    )


def typed(codes: list[list[int]], labels: list[int], lsb: float = 1.0) -> Examples:
    """Examples as written: images of one row."""
    images = np.array(codes, dtype=np.uint8)[:, None, :]
    return Examples.of(images, lsb, np.array(labels, dtype=np.int64), torch.device("cpu"))


def drawn(count: int, inputs: int, classes: int = 3, seed: int = 0) -> Examples:
    """Noise with random labels: images of one row."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, 16, (count, 1, inputs)).astype(np.uint8)
    return Examples.of(codes, 1 / 15, generator.integers(0, classes, count), torch.device("cpu"))
