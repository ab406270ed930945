"""The training loop: the same for the floating-point network and for the one on the chip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import torch
from torch import nn

from hwcore.snapshot import Remembers, Snapshot
from hwcore.spec import Distillation
from hwcore.training.diverged import Watch, guessing_loss, rate_of
from hwcore.training.examples import Examples
from hwcore.training.metric_score import metric_score
from hwcore.training.recipe import Recipe
from hwcore.training.step import TrainingStep

GUESSED = 4000
"""Examples that the loss of guessing numbers is taken from, at most."""
WATCHED_EVERY = 25
"""Steps between two checks of the loss: reading it on every step would make an accelerator wait."""


@dataclass(frozen=True)
class EpochRecord:
    """One point of the training curves.

    Attributes:
        epoch: from 1.
        loss: mean training loss of the epoch, nats; with distillation it has the teacher's share, and is not to be
            compared with that of a training without.
        validation: accuracy on the held-out images as the network will be judged: with hard values; by another metric
            as for `metric_score`.
        sharpness: of the staircases in the last step, in units of 1/step; None in floating point.
    """

    epoch: int
    loss: float
    validation: float
    sharpness: float | None


def fit(
    network: nn.Module,
    training: Examples,
    validation: Examples,
    recipe: Recipe,
    *,
    generator: torch.Generator,
    after_epoch: Callable[[EpochRecord], None] | None = None,
    keep: Callable[[Callable[[], Snapshot]], None] | None = None,
    resume: Snapshot | None = None,
    stateful: Mapping[str, Remembers] | None = None,
) -> list[EpochRecord]:
    """Train an ordinary module with an ordinary optimiser, one `TrainingStep` after the other.

    Args:
        network: trained in place; left in evaluation mode.
        training: what it learns from.
        validation: held out, only watched.
        recipe: of the training.
        generator: order of the images, and how they are changed.
        after_epoch: called with each epoch's record; may raise to end the training.
        keep: called before that with a function that takes a snapshot of the whole training.
        resume: such a snapshot; the training goes on after its epoch, and ends with the same bytes as an undisturbed
            one.
        stateful: all else that has a state, by name: noise, wires, converters. It is in the snapshot as well.

    Returns:
        One record per epoch, those before the snapshot included.

    Raises:
        TrainingFailed: the loss, a parameter, a scale, a range or a statistic is no longer finite, or the mean loss of
            an epoch is above 100 times that of guessing.
    """
    settings, epochs = recipe.settings, recipe.epochs
    batch = min(settings.batch, len(training))
    steps = len(training) // batch
    step = TrainingStep(network, training, recipe, total=steps * epochs, generator=generator)
    watch = Watch(
        *rate_of(settings, recipe.hardware_learning_rate),
        _guessing(training, None if recipe.teacher_logits is None else settings.distillation),
    )
    others = {} if stateful is None else stateful
    curve = [] if resume is None else _resumed(step, others, resume)
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
        record = EpochRecord(epoch + 1, mean, metric_score(network, validation), step.sharpness)
        curve.append(record)
        if keep is not None:
            keep(lambda: _snapshot(step, others, curve))
        if after_epoch is not None:
            after_epoch(record)
    network.eval()
    return curve


def _guessing(training: Examples, distillation: Distillation | None) -> float:
    """Loss of a network that guesses; of one that is to find numbers, its outputs of the order of 1 among them."""
    if training.metric == "accuracy":
        return guessing_loss(max(2, int(training.labels.max()) + 1), distillation)
    first = slice(0, GUESSED)
    return 1.0 + float(training.targets(first, training.inputs(first, torch.float32)).square().mean())


def _snapshot(step: TrainingStep, stateful: Mapping[str, Remembers], curve: list[EpochRecord]) -> Snapshot:
    parts = {name: each.snapshot() for name, each in stateful.items()}
    records = Snapshot(values={"records": [asdict(record) for record in curve]})
    # Its name in the file is as old as the checkpoints that may still be there.
    return Snapshot.of_parts({"step": step.snapshot(), "beside": Snapshot.of_parts(parts), "curve": records})


def _resumed(step: TrainingStep, stateful: Mapping[str, Remembers], snapshot: Snapshot) -> list[EpochRecord]:
    step.restore(snapshot.part("step"))
    for name, each in stateful.items():
        each.restore(snapshot.part("beside").part(name))
    return [EpochRecord(**record) for record in snapshot.part("curve").values["records"]]
