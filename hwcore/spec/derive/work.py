"""Work of a job in counts, from which its queue, its duration and its share done follow."""

from __future__ import annotations

from dataclasses import dataclass

from hwcore.spec.derive.effects import TrainingEffect
from hwcore.spec.derive.examination import Examination
from hwcore.spec.derive.network import OnDataset
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.model import Model
from hwcore.spec.jobs.own_data import AnyDataset, dataset_name


@dataclass(frozen=True)
class Work(OnDataset):
    """Counts of a job of any kind; a kind that does without something says 0 or None.

    Attributes:
        hardware: the chip.
        model: the network.
        dataset: gives the number of images.
        float_epochs: in floating point.
        hardware_epochs: aware of the hardware.
        reference_epochs: of references in floating point, at most.
        batch: images of a training step.
        aware_of: effects that the hardware-aware epochs include.
        looks: looks of networks at the test images, those at chips not counted.
        examination: of chips; None: none are judged.
    """

    hardware: Hardware
    model: Model
    dataset: AnyDataset
    float_epochs: int = 0
    hardware_epochs: int = 0
    reference_epochs: int = 0
    batch: int = 1
    aware_of: tuple[TrainingEffect, ...] = ()
    looks: int = 0
    examination: Examination | None = None

    @property
    def dataset_name(self) -> str:
        """Name of a dataset that mho has; empty where it is one's own."""
        return dataset_name(self.dataset)
