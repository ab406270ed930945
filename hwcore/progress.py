"""Progress of a running job: the one message between the pipeline and its watchers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One step forward.

    Args:
        stage: part of the job that runs; of a compile job data, float, hardware_aware, mapping, evaluation, export;
            before hardware_aware float_reference_1 and further ones, where the job asks for a reference.
        epoch: epochs done in this stage, or None where the stage has no epochs.
        epochs: epochs of this stage, or None.
        fraction: share of the whole job that is done, 0 to 1; never falls.
        message: one line for a person.
        seconds_left: how long the rest of the job will probably take, s; None where nobody can tell yet.
    """

    stage: str
    epoch: int | None
    epochs: int | None
    fraction: float
    message: str
    seconds_left: float | None = None


ProgressCallback = Callable[[Progress], None]
"""Called after every step; may raise `hwcore.errors.Cancelled` to end the job with nothing left behind."""
