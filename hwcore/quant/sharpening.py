"""Schedule by which the smooth staircase turns into the hard one in the course of training."""

from __future__ import annotations


def sharpness_at(fraction: float, start: float, end: float) -> float:
    """Sharpness after `fraction` of the training: start (end/start)^fraction, in units of 1/step.

    Geometric, because what matters is the ratio of the logistic's width to the step: each epoch narrows it by one
    and the same factor.

    Args:
        fraction: share of the training that is done, 0 to 1.
        start: sharpness at the beginning, above 0.
        end: sharpness at the end, at least start.
    """
    return float(start * (end / start) ** fraction)


def hardness_at(fraction: float, hard_from: float) -> float:
    """Hardness after `fraction` of the training: 0 until hard_from, 1 from half of what is left, a line between.

    Args:
        fraction: share of the training that is done, 0 to 1.
        hard_from: where the hard values begin to come in, 0 to 1; 1: not at all.
    """
    if fraction <= hard_from:
        return 0.0
    return min(1.0, 2.0 * (fraction - hard_from) / (1.0 - hard_from))
