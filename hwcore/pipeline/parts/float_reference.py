"""The floating-point reference of a job: trained as its network on the chip is, and chosen on held-out images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.pipeline.parts.data import JobData
from hwcore.pipeline.parts.networks import train_hardware
from hwcore.pipeline.parts.pace import Pace
from hwcore.spec import RATES, Course, ReferenceChoice, Training, reference_course
from hwcore.training import EpochRecord, accuracy


@dataclass(frozen=True)
class Candidate:
    """A choice, and the accuracy on held-out images that it led to.

    Attributes:
        choice: of the second training.
        validation: accuracy, a fraction.
    """

    choice: ReferenceChoice
    validation: float


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
    course: Course, choice: ReferenceChoice, trained: FloatNetwork, data: JobData, device: torch.device, pace: Pace
) -> tuple[HardwareNetwork, list[EpochRecord]]:
    """Train the reference of a choice on from the floating-point network, on the data at full precision.

    It is `train_hardware`, the same code as for the chip, with staircases that are the identity.

    Args:
        course: of the job, resolved.
        choice: what the reference does otherwise.
        trained: the network of the first training, which the network on the chip starts from as well.
        data: of the job.
        device: of the training.
        pace: told of every epoch.
    """
    return train_hardware(reference_course(course, choice), trained, replace(data, chip=data.plain), device, pace)


def find_reference(
    course: Course, trained: FloatNetwork, data: JobData, device: torch.device, pace: Pace
) -> tuple[HardwareNetwork, list[EpochRecord], tuple[Candidate, ...]]:
    """Search the reference of a job on its held-out images, and train every candidate on the way.

    Args:
        course, trained, data, device, pace: as for `train_reference`.

    Returns:
        The network with the best held-out accuracy, its curve, and all candidates.
    """
    found: dict[ReferenceChoice, tuple[HardwareNetwork, list[EpochRecord]]] = {}

    def score(choice: ReferenceChoice) -> float:
        found[choice] = train_reference(course, choice, trained, data, device, pace)
        return accuracy(found[choice][0], data.plain.validation)

    candidates = search_reference(course.training, score)
    network, curve = found[best_of(candidates).choice]
    return network, curve, candidates
