"""The choices of one training: settings of the job, and those that differ between its two networks."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from hwcore.spec import Sharpening, Training


@dataclass(frozen=True, eq=False)
class Recipe:
    """Everything that a training does, but for its network, its images and its random numbers.

    Attributes:
        settings: optimiser, batch, learning rate, weight decay, label smoothing, distillation, augmentation.
        epochs: passes over the training images, from 1.
        schedule: sharpening of the staircases; None for a network without any.
        teacher_logits: what the network learns from besides the labels, for every training image; None: from the
            labels alone.
        input_dropout: share of the inputs of every training image that is left out.
        hardware_learning_rate: the largest one of a network on the chip; None: that of the settings.
    """

    settings: Training
    epochs: int
    schedule: Sharpening | None = None
    teacher_logits: Float[Tensor, "examples classes"] | None = None
    input_dropout: float = 0.0
    hardware_learning_rate: float | None = None

    @property
    def learning_rate(self) -> float:
        """The largest learning rate."""
        return self.settings.learning_rate if self.hardware_learning_rate is None else self.hardware_learning_rate
