"""The ladder: one accuracy per rung, from floating point down to drawn chips, each with its error bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import betaincinv

from hwcore.spec import ONE_POINT

CONFIDENCE = 0.95
TOLERANCE = 1e-6
"""Images: above the rounding of a target times a count, below the one image that matters."""


def interval(successes: int, count: int) -> list[float]:
    """Clopper-Pearson interval of a proportion at 95 %: where the true one may lie, given the `count` seen.

    With k successes of n and B^-1(p; a, b) the quantile of the beta distribution, the interval is
    B^-1(0.025; k, n - k + 1) to B^-1(0.975; k + 1, n - k); 0 where k = 0, and 1 where k = n.

    Source: C. J. Clopper, E. S. Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    tail, failures = (1.0 - CONFIDENCE) / 2.0, count - successes
    low = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, tail))
    high = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1.0 - tail))
    return [low, high]


def rung(stage: str, correct: int, count: int) -> dict[str, Any]:
    """A network that is one and the same at every look.

    Args:
        stage: name on the ladder.
        correct: test images classified right.
        count: test images.
    """
    return {
        "stage": stage,
        "accuracy": correct / count,
        "std": None,
        "count": count,
        "chips": None,
        "ci95": interval(correct, count),
    }


def chips_rung(stage: str, correct: Sequence[int], count: int, chips: int, target: float) -> dict[str, Any]:
    """A network on many drawn chips.

    Args:
        stage: name on the ladder.
        correct: test images classified right by each chip; one entry where all chips are alike.
        count: test images.
        chips: number of chips that the entries stand for.
        target: accuracy from which a chip is good.

    Returns:
        accuracy and std: mean and sample standard deviation over the chips, null where there is one entry; p05: 5th
        percentile; yield: share of good chips with its Clopper-Pearson interval; chip_accuracies: all of them.
    """
    # In whole images: they add up exactly, and a chip right on the target is a good one whatever the rounding.
    images = np.repeat(np.array(correct, dtype=np.float64), chips if len(correct) == 1 else 1)
    good = int((images >= target * count - TOLERANCE).sum())
    return {
        "stage": stage,
        "accuracy": float(images.mean()) / count,
        "std": float(images.std(ddof=1)) / count if len(correct) > 1 else None,
        "count": count,
        "chips": chips,
        "p05": float(np.percentile(images, 5)) / count,
        "target_accuracy": target,
        "yield": good / chips,
        "yield_ci95": interval(good, chips),
        "chip_accuracies": (images / count).tolist(),
    }


def target_accuracy(stated: float | None, hardware_aware: float) -> float:
    """The accuracy of a good chip: the stated one, or one point below that of the hardware-aware network."""
    return max(hardware_aware - ONE_POINT, 0.0) if stated is None else stated
