"""Split of a file that gives none: a fifth of each class is for testing, always the same."""

from typing import Final

import numpy as np
from jaxtyping import Bool, Int64

SPLIT_SEED: Final = 0
"""The same for every job, so that accuracies can be compared: a job's own seed never moves the test set."""

TEST_SHARE: Final = 0.2


def count_to_test(examples: int) -> int:
    """Return the number of examples of a class that are tested on."""
    return round(TEST_SHARE * examples)


def mask_to_test(labels: Int64[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
    """Mark the examples that are tested on: of each class, the first fifth of a permutation from PCG64(0)."""
    generator = np.random.Generator(np.random.PCG64(SPLIT_SEED))
    mask = np.zeros(labels.shape, dtype=np.bool_)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        mask[generator.permutation(members)[: count_to_test(len(members))]] = True
    return mask
