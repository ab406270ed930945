"""The floating-point reference of a job: trained as its network on the chip is, and chosen on held-out images."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import torch

from hwcore.errors import TrainingFailed
from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.pipeline.parts.checkpoint import Keeper
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.networks import train_hardware
from hwcore.pipeline.parts.pace import HARDWARE_EPOCH, Pace
from hwcore.spec import (
    METRICS,
    MOST_CANDIDATES,
    RATES,
    Course,
    ReferenceChoice,
    Training,
    reference_course,
    reference_stage_name,
)
from hwcore.training import EpochRecord, metric_score

FAILED: Final = -math.inf
"""Score of a candidate whose training failed: squared errors have scores below 0 as well."""


@dataclass(frozen=True)
class Candidate:
    """A choice, and the accuracy on held-out images that it led to.

    Attributes:
        choice: of the second training.
        validation: score that it led to; `FAILED` where its training failed.
    """

    choice: ReferenceChoice
    validation: float


@dataclass(frozen=True, eq=False)
class FloatReference:
    """The reference of a job.

    Attributes:
        network: trained, in evaluation mode.
        curve: of its training after the first one.
        chosen: the best of the candidates.
        candidates: all that were tried, in this order.
    """

    network: HardwareNetwork
    curve: list[EpochRecord]
    chosen: Candidate
    candidates: tuple[Candidate, ...]


def search_reference(training: Training, score: Callable[[ReferenceChoice], float]) -> tuple[Candidate, ...]:
    """Search in turn: the best of three rates, then every part of the loss left out, then all that did better so.

    Args:
        training: of the job; what it does not have is not tried.
        score: accuracy on held-out images that a choice leads to, a fraction; called up to `MOST_CANDIDATES` times.

    Returns:
        Every candidate that was tried, in this order.
    """
    tried: dict[ReferenceChoice, float] = {}

    def judge(choice: ReferenceChoice) -> float:
        if choice not in tried:
            tried[choice] = score(choice)
        return tried[choice]

    first = ReferenceChoice.first(training)
    rates = [replace(first, learning_rate=rate * training.learning_rate) for rate in RATES]
    best = max(rates, key=judge)
    better = [part for part in best.parts if judge(best.without(part)) > tried[best]]
    if len(better) > 1:
        judge(best.without(*better))
    return tuple(Candidate(choice, validation) for choice, validation in tried.items())


def best_of(candidates: tuple[Candidate, ...]) -> Candidate:
    """The candidate with the best held-out accuracy; of equal ones the one that was tried first."""
    return max(candidates, key=lambda candidate: candidate.validation)


def train_reference(
    course: Course,
    choice: ReferenceChoice,
    trained: FloatNetwork,
    data: JobData,
    device: torch.device,
    pace: Pace,
    keeper: Keeper | None = None,
    stage: str = "float_reference",
) -> tuple[HardwareNetwork, list[EpochRecord]]:
    """Train the reference of a choice on from the floating-point network, on the data at full precision.

    It is `train_hardware`, the same code as for the chip, with staircases that are the identity.

    Args:
        course: of the job, resolved.
        choice: what the reference does otherwise.
        trained, device, pace, keeper, stage: as for `train_hardware`.
        data: of the job.

    Raises:
        TrainingFailed: as for `hwcore.training.fit`.
    """
    alike = reference_course(course, choice)
    return train_hardware(alike, trained, replace(data, chip=data.plain), device, pace, keeper, stage)


def find_reference(
    course: Course,
    trained: FloatNetwork,
    data: JobData,
    device: torch.device,
    pace: Pace,
    keeper: Keeper | None = None,
) -> FloatReference:
    """Search the reference of a job on its held-out images, and train every candidate on the way.

    A candidate whose training fails is worse than any other; the pace counts as many as there can be.

    Args:
        course, trained, data, device, pace, keeper: as for `train_reference`.

    Raises:
        TrainingFailed: that of every candidate failed.
    """
    stages = (reference_stage_name(number) for number in range(1, 1 + MOST_CANDIDATES))
    whole = pace.done + HARDWARE_EPOCH * MOST_CANDIDATES * course.training.epochs
    best: tuple[Candidate, HardwareNetwork, list[EpochRecord]] | None = None
    failure: TrainingFailed | None = None

    def score(choice: ReferenceChoice) -> float:
        nonlocal best, failure
        try:
            network, curve = train_reference(course, choice, trained, data, device, pace, keeper, next(stages))
        except TrainingFailed as error:
            failure = error
            return FAILED
        candidate = Candidate(choice, metric_score(network, data.plain.validation))
        # The others are let go: there are up to seven, and a network may be large.
        if best is None or candidate.validation > best[0].validation:
            best = (candidate, network, curve)
        return candidate.validation

    candidates = search_reference(course.training, score)
    if best is None:
        raise TrainingFailed(f"training.reference: {failure}") from failure
    chosen, network, curve = best
    pace.step(
        max(whole - pace.done, 0.0),
        "float_reference",
        f"held-out {METRICS[course.metric].held_out} {chosen.validation:.4f}",
    )
    return FloatReference(network, curve, chosen, candidates)
