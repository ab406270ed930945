"""The training loop: the same for the floating-point network and for the one on the chip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.snapshot import Remembers, Snapshot
from hwcore.spec import Sharpening, Training
from hwcore.training.curve import EpochRecord
from hwcore.training.diverged import Watch, guessing_loss, rate_of
from hwcore.training.examples import Examples, accuracy
from hwcore.training.step import TrainingStep

WATCHED_EVERY = 25
"""Steps between two looks at the loss: reading it on every step would make an accelerator wait."""


def fit(
    network: nn.Module,
    training: Examples,
    validation: Examples,
    settings: Training,
    *,
    epochs: int,
    schedule: Sharpening | None,
    generator: torch.Generator,
    taught: Float[Tensor, "examples classes"] | None = None,
    input_dropout: float = 0.0,
    hardware_learning_rate: float | None = None,
    after_epoch: Callable[[EpochRecord], None] | None = None,
    keep: Callable[[Callable[[], Snapshot]], None] | None = None,
    resume: Snapshot | None = None,
    beside: Mapping[str, Remembers] | None = None,
) -> list[EpochRecord]:
    """Train an ordinary module with an ordinary optimiser, one `TrainingStep` after the other.

    Args:
        network: trained in place; left in evaluation mode.
        training: what it learns from.
        validation: held out, only watched.
        settings: optimiser, batch, learning rate, weight decay, label smoothing, distillation, augmentation.
        epochs: passes over the training images, from 1.
        schedule: sharpening of the staircases; None for a network without any.
        generator: order of the images, and how they are changed.
        taught: what the network learns from beside the labels: logits for every training image; None: from the labels
            alone.
        input_dropout: share of the inputs of every training image that is left out.
        hardware_learning_rate: the largest one of a network on the chip; None: that of the settings.
        after_epoch: called with each epoch's record; may raise to end the training.
        keep: called before that with a function that takes a snapshot of the whole training.
        resume: such a snapshot; the training goes on after its epoch, and ends with the same bytes as an undisturbed
            one.
        beside: what else has a state, by name: noise, wires, converters. It is in the snapshot as well.

    Returns:
        One record per epoch, those before the snapshot included.

    Raises:
        TrainingFailed: the loss, a parameter, a scale, a range or a statistic is no longer finite, or the mean loss of
            an epoch is above 100 times that of guessing.
    """
    batch = min(settings.batch, len(training))
    steps = len(training) // batch
    classes = max(2, int(training.labels.max()) + 1)
    step = TrainingStep(
        network,
        training,
        settings,
        total=steps * epochs,
        schedule=schedule,
        taught=taught,
        input_dropout=input_dropout,
        learning_rate=hardware_learning_rate,
        generator=generator,
    )
    watch = Watch(
        *rate_of(settings, hardware_learning_rate),
        guessing_loss(classes, None if taught is None else settings.distillation),
    )
    beside = {} if beside is None else beside
    curve = [] if resume is None else _resumed(step, beside, resume)
    for epoch in range(len(curve), epochs):
        network.train()
        order = torch.randperm(len(training), generator=generator).to(training.codes.device)
        total = torch.zeros((), device=training.codes.device)
        for number in range(steps):
            loss = step(order[number * batch : (number + 1) * batch])
            total += loss
            if number % WATCHED_EVERY == 0:
                watch.loss(float(loss), epoch)
        mean = float(total) / steps
        watch.epoch(mean, network, epoch)
        record = EpochRecord(epoch + 1, mean, accuracy(network, validation), step.sharpness)
        curve.append(record)
        if keep is not None:
            keep(lambda: _snapshot(step, beside, curve))
        if after_epoch is not None:
            after_epoch(record)
    network.eval()
    return curve


def _snapshot(step: TrainingStep, beside: Mapping[str, Remembers], curve: list[EpochRecord]) -> Snapshot:
    parts = {name: each.snapshot() for name, each in beside.items()}
    records = Snapshot(values={"records": [asdict(record) for record in curve]})
    return Snapshot.of_parts({"step": step.snapshot(), "beside": Snapshot.of_parts(parts), "curve": records})


def _resumed(step: TrainingStep, beside: Mapping[str, Remembers], snapshot: Snapshot) -> list[EpochRecord]:
    step.restore(snapshot.part("step"))
    for name, each in beside.items():
        each.restore(snapshot.part("beside").part(name))
    return [EpochRecord(**record) for record in snapshot.part("curve").values["records"]]
