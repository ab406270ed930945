"""Random data of the user's own: tiny images with a pattern for every class, and unlikely files."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np

from benchmarks.fuzzing.draws import Node, chance
from hwcore.datasets import load

CASES = ("patterns", "patterns", "patterns", "vectors", "digits", "noise", "blank", "one_class", "unbalanced")


def random_data(random: Random, folder: Path) -> tuple[Node, tuple[int, int]]:
    """Write an npz file, and say how a job names it and how large its images are.

    Args:
        random: source.
        folder: where data.npz goes.
    """
    numbers = np.random.default_rng(random.getrandbits(64))
    case = random.choice(CASES)
    full_scale: float | None
    if case == "digits":
        images, labels, full_scale = _digits(random, numbers)
    else:
        images, labels, full_scale = _made(random, numbers, case)
    arrays: dict[str, np.ndarray] = {"x": images, "y": labels}
    if chance(random, 0.5):
        test = max(3, len(labels) // 3)
        arrays = {"x_train": images[test:], "y_train": labels[test:], "x_test": images[:test], "y_test": labels[:test]}
    if full_scale is not None:
        arrays["full_scale"] = np.array(full_scale, dtype=np.float64)
    np.savez(folder / "data.npz", allow_pickle=False, **arrays)
    height, width = (1, images.shape[1]) if images.ndim == 2 else images.shape[1:3]
    return {"type": "file", "path": "data.npz"}, (height, width)


def _digits(random: Random, numbers: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    digits = load("digits")
    chosen = numbers.permutation(len(digits.train_labels))[: random.randint(60, 200)]
    return digits.train_images[chosen], digits.train_labels[chosen], 16.0


def _made(random: Random, numbers: np.random.Generator, case: str) -> tuple[np.ndarray, np.ndarray, float | None]:
    classes, count = random.choice((2, 3, 5, 10)), random.randint(60, 200)
    shape = (random.choice((1, 3, 12)),) if case == "vectors" else (random.randint(3, 8), random.randint(3, 8))
    labels = numbers.integers(0, classes, count)
    labels[:classes] = np.arange(classes)
    if case == "one_class":
        labels[1:] = 1
    if case == "unbalanced":
        labels[classes:] = np.where(numbers.random(count - classes) < 0.95, 0, labels[classes:])
    values = numbers.random((classes, *shape))[labels]
    values = np.clip(values + 0.2 * numbers.standard_normal(values.shape), 0, 1)
    if case == "noise":
        values = numbers.random(values.shape)
    if case == "blank":
        values = np.zeros_like(values)
    labels = labels.astype(random.choice((np.int64, np.uint8, np.int32)))
    if chance(random, 0.5):
        scale = random.choice((None, 1.0, 16.0, 200.0))
        return np.round(values * (255 if scale is None else scale)).astype(np.uint8), labels, scale
    scale = random.choice((None, 1e-30, 3.5, 1e30))
    return (values * (1.0 if scale is None else scale)).astype(np.float64), labels, scale
