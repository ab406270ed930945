"""Sharpening every staircase of a network as its training goes on."""

from __future__ import annotations

from torch import nn

from hwcore.layers.activation import HardwareActivation
from hwcore.quant import Staircase, hardness_at, sharpness_at
from hwcore.spec import Sharpening

UPDATES = 128
"""Steps of the schedule: each is a few percent sharper, and a table is sampled anew only so often."""


def sharpen(network: nn.Module, fraction: float, schedule: Sharpening | None = None) -> float:
    """Set sharpness and hardness of every staircase in the network to where the schedule is now, before every step.

    Args:
        network: any module with hardware layers inside.
        fraction: share of the training that is done, 0 to 1.
        schedule: start, the ends of weights and activations, in units of 1/step, and where the hard values come in;
            None: the default of a job.

    Returns:
        The sharpness of the weights, in units of 1/step.
    """
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"fraction: got {fraction}; allowed: the share of the training that is done, 0 to 1")
    schedule = Sharpening() if schedule is None else schedule
    fraction = round(fraction * UPDATES) / UPDATES
    sharpness = sharpness_at(fraction, schedule.start, schedule.end)
    of_activations = sharpness_at(fraction, schedule.start, schedule.end_of_activations)
    hardness = hardness_at(fraction, schedule.hard_from)
    activations = {id(module.staircase) for module in network.modules() if isinstance(module, HardwareActivation)}
    for module in network.modules():
        if isinstance(module, Staircase):
            module.sharpen(of_activations if id(module) in activations else sharpness, hardness)
    return sharpness
