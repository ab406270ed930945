"""Tally of test images: the whole number that stands for how well a network does, whatever the metric."""

from __future__ import annotations

from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar import predicted_class
from hwcore.report import Measure
from hwcore.training import Examples, ordered_pairs, squared_errors

STEPS = 1 << 30
"""Steps of a mean squared error, in the variance of the targets."""
MOST = (1 << 53) - 1
"""Largest tally: the largest whole number that every reader of JSON has."""


def tally(outputs: Float64[Tensor, "images outputs"], test: Examples) -> int:
    """Correct images; twice the pairs in the right order; or steps of the mean squared error.

    Args:
        outputs: of a network or a chip, on the CPU.
        test: the images that they are of, on any device.
    """
    labels = test.labels.cpu()
    if test.metric == "accuracy":
        return int((predicted_class(outputs) == labels).sum())
    inputs = test.codes.cpu().double() * test.lsb
    errors = squared_errors(outputs, test.targets(slice(None), inputs).cpu())
    if test.metric == "roc_auc":
        return ordered_pairs(errors, labels > 0)
    mean = float(errors.mean()) * _per_unit(labels)
    # Not a number is as bad as can be.
    return round(min(mean, MOST)) if mean >= 0 else MOST


def measure_of(test: Examples) -> Measure:
    """The measure of the tallies of some test images."""
    count = len(test)
    if test.metric == "accuracy":
        return Measure.of(count)
    if test.metric == "mean_squared_error":
        return Measure(count, "mean_squared_error", _per_unit(test.labels.cpu()))
    anomalous = int((test.labels > 0).sum())
    return Measure(count, "roc_auc", 2.0 * anomalous * (count - anomalous), anomalous)


def _per_unit(targets: Tensor) -> float:
    """Steps of an error of 1, in the unit of the targets squared."""
    numbers = targets.double()
    variance = float((numbers - numbers.mean(0)).square().mean())
    return STEPS / variance if variance > 0 else float(STEPS)
