"""Check for a training that diverged: numbers that are not finite, or a loss far beyond that of guessing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor, nn

from hwcore.errors import TrainingFailed
from hwcore.layers import HardwareActivation, cell_layers
from hwcore.spec import Distillation, Training

TIMES_GUESSING = 100.0
"""Multiple of the loss of a network that guesses: an epoch with a larger mean loss has diverged (decision 0043)."""
DEFAULT_RATES: Final = Training().model_dump(include={"learning_rate", "hardware_learning_rate"})
"""Learning rates of a job that says nothing, by their fields: no cause of a divergence by themselves."""


def guessing_loss(classes: int, distillation: Distillation | None) -> float:
    """(1 - w + w max(T^2, 1)) ln C, nats: the `objective` of a network whose logits are all alike.

    Below a temperature T of 1 it would be T^2 ln C, and that of a network which is wrong by dz is w T dz: nearly all
    networks are far above it before their first step, and none has diverged.

    Args:
        classes: C, from 2.
        distillation: w and T; None: from the labels alone, ln C.
    """
    if distillation is None:
        return math.log(classes)
    w = distillation.weight
    return (1.0 - w + w * max(distillation.temperature**2, 1.0)) * math.log(classes)


class Watch:
    """Ends a training whose numbers are not finite, or whose loss is beyond all reason, and says what to change.

    Args:
        field: of the training's settings: learning_rate or hardware_learning_rate.
        rate: the largest learning rate.
        guessing: loss of a network that guesses, nats.
    """

    def __init__(self, field: str, rate: float, guessing: float) -> None:
        self.field, self.rate, self.guessing = field, rate, guessing

    def loss(self, value: float, epoch: int) -> None:
        """Look at the loss of one step.

        Raises:
            TrainingFailed: it is not finite.
        """
        self._finite("loss", value, epoch)

    def epoch(self, mean: float, network: nn.Module, epoch: int) -> None:
        """Look at the mean loss of an epoch, and at what its last step, which no loss has seen yet, left behind.

        Raises:
            TrainingFailed: the loss, a parameter, a scale, a range or a statistic is not finite, or the loss is above
                100 times that of guessing.
        """
        self._finite("loss", mean, epoch)
        for what, value in _largest(network):
            self._finite(what, value, epoch)
        most = TIMES_GUESSING * self.guessing
        if mean > most:
            raise TrainingFailed(
                f"{blamed(self.field, self.rate)}: the training diverged: the mean loss of epoch {epoch + 1} is "
                f"{mean:.6g} with {self.rate:g}, that of guessing is {self.guessing:.3g}; at most {most:.4g} is "
                f"allowed: {self._advice}"
            )

    def _finite(self, what: str, value: float, epoch: int) -> None:
        if not math.isfinite(value):
            raise TrainingFailed(
                f"{blamed(self.field, self.rate)}: the {what} became {value} in epoch {epoch + 1} with {self.rate:g}; "
                f"a finite {what} is needed: {self._advice}"
            )

    @property
    def _advice(self) -> str:
        return advice(self.field, self.rate)


def rate_of(settings: Training, hardware_rate: float | None) -> tuple[str, float]:
    """The field of the learning rate that a network owes most to, and its value.

    That of the floating-point training is it for a network on the chip as well, where that goes on with a rate of its
    own which cannot be the cause: it starts from what the other made.

    Args:
        settings: of the training.
        hardware_rate: the largest rate of a network on the chip, where it has one of its own.
    """
    if hardware_rate is None:
        return "learning_rate", settings.learning_rate
    if not _is_large("hardware_learning_rate", hardware_rate) and _is_large("learning_rate", settings.learning_rate):
        return "learning_rate", settings.learning_rate
    return "hardware_learning_rate", hardware_rate


def blamed(field: str, rate: float) -> str:
    """The field that an error names: the learning rate where it is above the default, else the hardware."""
    return f"training.{field}" if _is_large(field, rate) else "hardware"


def advice(field: str, rate: float) -> str:
    """Say what to change where a training failed: the learning rate is to blame only where it is above the default."""
    if _is_large(field, rate):
        return "lower the learning rate"
    return (
        f"the rate is not above the default of {DEFAULT_RATES[field]:g} and hardly the cause: leave the effects of "
        "training.aware_of out one by one, and look for what is extreme in the hardware (conductances, wires, ranges)"
    )


def _is_large(field: str, rate: float) -> bool:
    return bool(rate > DEFAULT_RATES[field])


def _largest(network: nn.Module) -> Iterator[tuple[str, float]]:
    """The largest of every kind of number that a training moves; NaN if any of them is."""
    layers = cell_layers(network)
    ranges = [module.range for module in network.modules() if isinstance(module, HardwareActivation)]
    kinds: dict[str, list[Tensor]] = {
        "largest weight": list(network.parameters()),
        "largest scale of a layer": [layer.scale for layer in layers],
        "largest range of an activation": ranges,
        "largest statistic of the normalisation": [each for each in network.buffers() if each.is_floating_point()],
    }
    for what, tensors in kinds.items():
        if tensors:
            # The maximum of torch, unlike that of Python, is NaN if any is.
            yield what, float(torch.stack([each.detach().abs().max().double() for each in tensors]).max())
