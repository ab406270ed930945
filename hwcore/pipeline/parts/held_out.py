"""The held-out images on the chip's arrays: for choices and experiments, never the test images."""

from __future__ import annotations

import copy
from contextlib import nullcontext

import torch

from hwcore.layers import HardwareNetwork, converted_currents, wired_weights
from hwcore.pipeline.parts.data import JobData
from hwcore.spec import Hardware
from hwcore.training import metric_score

CALIBRATION = 2000
"""Training images that ranges of converters are calibrated on, at most."""


@torch.no_grad()
def held_out_accuracy(
    hardware: Hardware, network: HardwareNetwork, data: JobData, *, wires: bool = True, adc: bool = True
) -> float:
    """Share of the held-out images classified right with hard weights, exact wires and the converters of every tile.

    The effects are those that the hardware has, whether or not the network was trained with them: the difference
    to a network that was is what training with them gains. Nothing random is drawn.

    Args:
        hardware: of the chip; where it differs from the network's it does so in `array` lines and `adc` alone.
        network: trained; not changed.
        data: of the job.
        wires: with the resistances of the description.
        adc: with its converters.

    Raises:
        ArrayTooLarge: as for `hwcore.wires.layer_transfer`.
    """
    judged = copy.deepcopy(network).eval()
    with (
        wired_weights(judged, hardware) if wires else nullcontext(),
        converted_currents(judged, hardware) if adc else nullcontext(),
    ):
        # The first images in evaluation mode are those that a calibrated range is taken from.
        judged(data.chip.training.inputs(slice(0, CALIBRATION), torch.float32))
        return metric_score(judged, data.chip.validation)
