"""Record of one epoch of training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EpochRecord:
    """One point of the training curves.

    Attributes:
        epoch: from 1.
        loss: mean training loss of the epoch, nats; with distillation it has the teacher's share, and is not to be
            compared with that of a training without.
        validation: accuracy on the held-out images as the network will be judged: with hard values.
        sharpness: of the staircases in the last step, in units of 1/step; None in floating point.
    """

    epoch: int
    loss: float
    validation: float
    sharpness: float | None
