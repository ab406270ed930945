"""Checks that results are numbers, and the network's own: else the training is named as the cause."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar import Chip, ChipArray, ChipLayer, array_logits, as_designed
from hwcore.errors import TrainingFailed
from hwcore.mapping import MappedNetwork
from hwcore.report import Report
from hwcore.spec import Training
from hwcore.training import Examples, advice, blamed, rate_of

NUDGE = 1e-15
"""Relative change of every conductance, four roundings: what it makes of the logits is not the network's."""


class Rate(NamedTuple):
    """The learning rate that a network was trained with, and the field that says it."""

    field: str
    value: float


def float_rate(training: Training) -> Rate:
    """The learning rate of the floating-point training."""
    return Rate("learning_rate", training.learning_rate)


def hardware_rate(training: Training) -> Rate:
    """The learning rate of the hardware-aware training, or of the one before it where that has more to answer for."""
    return Rate(*rate_of(training, training.hardware_learning_rate))


def require_finite_logits(logits: Float64[Tensor, "images classes"], whose: str, trained_with: Rate) -> None:
    """Do nothing where all logits are numbers.

    Args:
        logits: of one network.
        whose: the network in words.
        trained_with: the learning rate.

    Raises:
        TrainingFailed: some are infinite or no numbers, though every weight is finite.
    """
    broken = int((~logits.isfinite()).any(1).sum())
    if broken:
        raise TrainingFailed(
            f"{blamed(*trained_with)}: the logits of {whose} are not finite for {broken} of {len(logits)} test "
            f"images after training with {trained_with.value:g}; finite ones are needed: {advice(*trained_with)}"
        )


def require_settled_logits(
    mapped: MappedNetwork,
    logits: Float64[Tensor, "images classes"],
    examples: Examples,
    trained_with: Rate,
    most: float,
    error: Exception,
) -> None:
    """Do nothing where the logits are those of the network, and not of the roundings of its sums.

    Every conductance is changed by 1e-15 of itself, at random; a network that was trained to something changes by
    about as much. Scales of 1e30, as a training that went wrong leaves them, make a signal of a sum that is zero.

    Args:
        mapped: the network on its arrays.
        logits: of the arrays as designed.
        examples: what they are of.
        trained_with: the learning rate.
        most: change of the logits that is allowed, over the largest logit of an image.
        error: what was found before, and is the cause where the logits are settled.

    Raises:
        TrainingFailed: the logits change by more than that.
    """
    generator = torch.Generator().manual_seed(0)

    def nudged_array(array: ChipArray) -> ChipArray:
        g = array.g_difference
        change = torch.randn(g.shape, generator=generator, dtype=g.dtype) * NUDGE
        return replace(array, g_difference=g * (1 + change))

    layers = {
        name: ChipLayer(tuple(map(nudged_array, layer.arrays))) for name, layer in as_designed(mapped).layers.items()
    }
    nudged = array_logits(mapped, Chip(layers), examples.codes.cpu(), examples.lsb)
    signal = logits.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)
    moved = float(((nudged - logits).abs() / signal).max())
    if not moved <= most:
        raise TrainingFailed(
            f"{blamed(*trained_with)}: the network on the chip amplifies roundings: a change of {NUDGE:g} in its "
            f"conductances moves its logits by {moved:.3g} of the largest after training with {trained_with.value:g}; "
            f"at most {most:g} is allowed: {advice(*trained_with)}"
        ) from error


def require_finite_report(report: Report, trained_with: Rate) -> None:
    """Do nothing where every number of a report is one.

    Args:
        report: to be written.
        trained_with: the learning rate of the hardware-aware training.

    Raises:
        TrainingFailed: some number is not finite; the message has its place.
    """
    for place, value in _numbers(report.to_json(), "report"):
        if not math.isfinite(value):
            raise TrainingFailed(
                f"{blamed(*trained_with)}: {place} became {value} after training with {trained_with.value:g}; "
                f"a finite number is needed: {advice(*trained_with)}"
            )


def _numbers(node: Any, place: str) -> Iterator[tuple[str, float]]:
    match node:
        case float():
            yield place, node
        case dict():
            for key, value in node.items():
                yield from _numbers(value, f"{place}.{key}")
        case list() | tuple():
            for i, value in enumerate(node):
                yield from _numbers(value, f"{place}[{i}]")
