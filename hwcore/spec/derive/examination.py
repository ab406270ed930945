"""Judging of chips: which network on which chips, on which images, under which effects. Its training is apart."""

from __future__ import annotations

from dataclasses import dataclass

from hwcore.spec.derive.effects import Effect, TrainingEffect
from hwcore.spec.derive.network import OnDataset
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.metric import Metric
from hwcore.spec.jobs.model import Model
from hwcore.spec.jobs.own_data import ChosenDataset


@dataclass(frozen=True)
class Examination(OnDataset):
    """All that it takes to judge the chips of a mapped network; how the network came about is not part of it.

    Attributes:
        hardware: resolved.
        model: the network that is written to the chips.
        dataset: its test images are what chips are judged by, its training images what they are calibrated on.
        seed: of every drawn chip, and of the images that are held out.
        chips: drawn for each random effect.
        effects: to be looked at; None: all that the hardware has.
        times: after the write, s; None: nothing depends on time, or the times of `times_of`.
        target_accuracy: from which a chip is good, a fraction; None: it follows from the network.
        aware_of: effects that the network was trained for.
        metric: that chips are judged by.
    """

    hardware: Hardware
    model: Model
    dataset: ChosenDataset
    seed: int
    chips: int
    effects: tuple[Effect, ...] | None = None
    times: tuple[float, ...] | None = None
    target_accuracy: float | None = None
    aware_of: tuple[TrainingEffect, ...] = ()
    metric: Metric = "accuracy"
