"""Contradictions between a job and the data that it names: what vectors, series and signed inputs do not allow."""

from __future__ import annotations

from typing import Any

from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.chosen_hardware import described
from hwcore.spec.jobs.datasets import DatasetFacts
from hwcore.spec.jobs.own_data import AnyDataset, dataset_facts
from hwcore.spec.jobs.training import Augmentation, Training
from hwcore.spec.reading.base import Contradiction


def data_contradictions(training: Training, hardware: Hardware | str, dataset: AnyDataset) -> list[Contradiction]:
    """Examples that cannot be moved or mirrored as the job asks, or that its DAC cannot take.

    Args:
        training: with its augmentation.
        hardware: a description, whose faults lie at its own fields, or the name of a preset, and they lie at the name.
        dataset: a user's that nobody has looked into yet contradicts nothing.
    """
    facts = dataset_facts(dataset)
    if facts is None:
        return []
    moved = [] if training.augmentation is None else _augmentation_contradictions(training.augmentation, facts)
    return [*moved, *_signed_contradictions(hardware, facts)]


def _augmentation_contradictions(augmentation: Augmentation, facts: DatasetFacts) -> list[Contradiction]:
    """Shifts asked for on vectors, mirror images of what is no image."""
    size = facts.image_shape
    if not size or (len(size) == 2 and size[0] == 1):
        reason = f"the examples of {facts.name} are vectors, and not images that could be shifted"
        return [Contradiction(("training", "augmentation"), augmentation.model_dump(), reason, "null")]
    if len(size) == 1 and augmentation.flip:
        reason = f"the examples of {facts.name} are series, and not images that could be mirrored"
        return [Contradiction(("training", "augmentation", "flip"), True, reason, "false or null")]
    return []


def _signed_contradictions(chosen: Hardware | str, facts: DatasetFacts) -> list[Contradiction]:
    """A DAC without a code for each sign."""
    dac, whose = described(chosen).input, f"the inputs of {facts.name} have both signs"
    found: list[tuple[str, Any, str, str]] = []
    if facts.signed and dac.bits == 1:
        found.append(("bits", 1, f"{whose}, and one bit has none beside zero", "a whole number from 2 to 8, or null"))
    if isinstance(chosen, str):
        return [
            Contradiction(
                ("hardware",), chosen, f"{reason} (its input.{field})", f"a description with {field} {allowed}"
            )
            for field, _, reason, allowed in found
        ]
    # pydantic's own path: it names the alternative of the union.
    return [
        Contradiction(("hardware", "description", "input", field), got, reason, allowed)
        for field, got, reason, allowed in found
    ]
