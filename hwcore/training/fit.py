"""The training loop: the same for the floating-point network and for the one on the chip."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from hwcore.errors import TrainingFailed
from hwcore.layers import sharpen
from hwcore.spec import Sharpening, Training
from hwcore.training.curve import EpochRecord
from hwcore.training.examples import Examples, accuracy

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
    after_epoch: Callable[[EpochRecord], None] | None = None,
) -> list[EpochRecord]:
    """Train with cross-entropy on labels smoothed by `settings.label_smoothing`, and a cosine learning rate.

    Args:
        network: trained in place; left in evaluation mode.
        training: what it learns from.
        validation: held out, only watched.
        settings: optimiser, batch, learning rate, weight decay, label smoothing.
        epochs: passes over the training images, from 1.
        schedule: sharpening of the staircases; None for a network without any.
        generator: order of the images.
        after_epoch: called with each epoch's record; may raise to end the training.

    Returns:
        One record per epoch.

    Raises:
        TrainingFailed: the loss is no longer finite.
    """
    batch = min(settings.batch, len(training))
    steps = len(training) // batch
    optimizer = _optimizer(network, settings)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps * epochs)
    curve = []
    for epoch in range(epochs):
        network.train()
        order = torch.randperm(len(training), generator=generator).to(training.codes.device)
        total = torch.zeros((), device=training.codes.device)
        sharpness = None
        for step in range(steps):
            if schedule is not None:
                sharpness = sharpen(network, (epoch * steps + step) / (epochs * steps), schedule)
            chosen = order[step * batch : (step + 1) * batch]
            logits = network(training.inputs(chosen, torch.float32))
            loss = F.cross_entropy(logits, training.labels[chosen], label_smoothing=settings.label_smoothing)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            decay.step()
            total += loss.detach()
            if step % WATCHED_EVERY == 0:
                _finite(float(loss.detach()), epoch, settings)
        mean = float(total) / steps
        _finite(mean, epoch, settings)
        record = EpochRecord(epoch + 1, mean, accuracy(network, validation), sharpness)
        curve.append(record)
        if after_epoch is not None:
            after_epoch(record)
    network.eval()
    return curve


def _optimizer(network: nn.Module, settings: Training) -> torch.optim.Optimizer:
    # Weights decay, and nothing else: a logarithm of a scale or a range that decays would pull the scale towards 1.
    parameters = list(network.parameters())
    groups: list[dict[str, Any]] = [
        {"params": [parameter for parameter in parameters if parameter.ndim > 1]},
        {"params": [parameter for parameter in parameters if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=settings.learning_rate, momentum=0.9, weight_decay=settings.weight_decay)
    return torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)


def _finite(loss: float, epoch: int, settings: Training) -> None:
    if not math.isfinite(loss):
        raise TrainingFailed(
            f"training.learning_rate: the loss became {loss} in epoch {epoch + 1} with {settings.learning_rate:g}; "
            "a finite loss is needed: lower the learning rate"
        )
