"""How the smooth staircase turns into the hard one in the course of training."""

from __future__ import annotations


def sharpness_at(fraction: float, start: float, end: float) -> float:
    """Sharpness after `fraction` of the training: start (end/start)^fraction, in units of 1/step.

    Geometric, because what matters is the ratio of the logistic's width to the step: each epoch narrows it by one
    and the same factor.

    Args:
        fraction: share of the training that is done, 0 to 1.
        start: sharpness at the beginning, above 0.
        end: sharpness at the end, above start.
    """
    return float(start * (end / start) ** fraction)
