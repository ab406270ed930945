"""Split of the training images: training decides by those held out, and the test set is for the report alone."""

import numpy as np
from jaxtyping import Int64


def holdout(
    n: int, seed: int, fraction: float = 0.1
) -> tuple[Int64[np.ndarray, " train"], Int64[np.ndarray, " validation"]]:
    """Split `n` training images at random into those to train on and those held out.

    round(fraction n) images, at least one, are held out: the first of a permutation drawn from PCG64(seed).

    Args:
        n: number of training images, at least 2.
        seed: 0 or above; the same seed gives the same split.
        fraction: share to hold out, 0 < fraction < 1.

    Returns:
        The indices to train on and the indices held out, each in increasing order.

    Raises:
        ValueError: where nothing would be left on one side.
    """
    held = max(1, round(n * fraction)) if 0 < fraction < 1 else n
    if held >= n:
        raise ValueError(
            f"got n={n}, fraction={fraction}; allowed: a fraction between 0 and 1 that leaves an image on each side"
        )
    order = np.random.Generator(np.random.PCG64(seed)).permutation(n).astype(np.int64)
    return np.sort(order[held:]), np.sort(order[:held])
