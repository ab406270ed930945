"""The floating-point reference: a job's own training with every staircase replaced by the identity."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Final

from hwcore.spec.derive.course import Course
from hwcore.spec.hardware.activation import Activation
from hwcore.spec.hardware.cell import Cell
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.training import Training

RATES: Final = (1.0, 3.0, 10.0)
"""Learning rates that a reference may have, over that of the first training. A weight is counted in units of the
largest of its column, some five times as large as in its own unit: the middle one moves it about as far."""
_UNIT_CELL = Cell(levels=2, g_max=1e-4)
"""Cell whose largest weight is 1, on both sides: the unit of weights that nothing rounds."""


def reference_stage_name(number: int) -> str:
    """Stage of a job in which a reference is trained.

    Args:
        number: of the candidate, from 1.
    """
    return f"float_reference_{number}"


@dataclass(frozen=True)
class ReferenceChoice:
    """Choices of a reference; all else is its job's.

    Attributes:
        learning_rate: largest one of the second training.
        label_smoothing, weight_noise, distillation: whether it has what the job has of them.
    """

    learning_rate: float
    label_smoothing: bool = True
    weight_noise: bool = True
    distillation: bool = True

    @staticmethod
    def first(training: Training) -> ReferenceChoice:
        """All that the job has, at the smallest rate."""
        return ReferenceChoice(
            RATES[0] * training.learning_rate,
            training.label_smoothing > 0,
            training.weight_noise > 0,
            training.distillation is not None,
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts of the loss that it has."""
        return tuple(name for name, there in asdict(self).items() if there is True)

    def without(self, *parts: str) -> ReferenceChoice:
        """The same without these parts of the loss."""
        return replace(self, **dict.fromkeys(parts, False))


def reference_course(course: Course, choice: ReferenceChoice) -> Course:
    """The course of a reference: as many epochs in all, batches, order, augmentation and dropped inputs of the job.

    It knows no hardware but the activation function. Noise before quantised activations and ranges fall away with the
    levels that they are about.

    Args:
        course: of a job, resolved.
        choice: what the reference does otherwise.
    """
    training = course.training
    changed = {
        "learning_rate": choice.learning_rate,
        "hardware_learning_rate": None,
        "label_smoothing": training.label_smoothing if choice.label_smoothing else 0.0,
        "weight_noise": training.weight_noise if choice.weight_noise else 0.0,
        "distillation": training.distillation if choice.distillation else None,
        "activation_noise": 0.0,
        "clip_latents": None,
        "aware_of": (),
    }
    activation = Activation(function=course.hardware.activation.function)
    return replace(
        course,
        hardware=Hardware(cell=_UNIT_CELL, activation=activation),
        training=training.model_copy(update=changed),
        times=None,
        exact=True,
    )
