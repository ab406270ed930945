"""Ranges of the activations, from the outputs of the floating-point network on training images."""

from __future__ import annotations

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from hwcore.layers import FloatNetwork, HardwareNetwork, unit_levels
from hwcore.quant import hard_staircase
from hwcore.training.batches import STATISTICS, images_at_once
from hwcore.training.examples import Examples
from hwcore.training.scale import ScaleRule

IMAGES = 4000
CANDIDATES = 40
SMALLEST = 1e-6


@torch.no_grad()
def calibrate_activations(
    network: HardwareNetwork,
    trained: FloatNetwork,
    examples: Examples,
    *,
    rule: ScaleRule = "least_error",
    initial_range_ratio: float = 1.0,
) -> None:
    """Set every activation's range from the outputs of the trained floating-point network on the first 4,000 images.

    Fewer images do for large convolutions, whose every position is an output of its own.

    full_range, and that of a layer: the largest |output|, nothing is clipped. least_error: the share of it, from 1/40
    to 1, at which the quantised outputs are nearest in the mean square. A range that is learned starts from
    `initial_range_ratio` times that, above 0; one that the description gives stays as it is.
    """
    if network.hardware.activation.bits is None:
        return
    mode = trained.training
    trained.eval()
    x = examples.inputs(slice(0, images_at_once(trained, IMAGES, STATISTICS)), torch.float32)
    ratio = initial_range_ratio if network.hardware.activation.range == "learned" else 1.0
    activations = network.activations
    for name, output in trained.hidden(x):
        activation = activations[name]
        levels = unit_levels(activation.activation, activation.signed)
        activation.set_range(ratio * _output_range(output, levels, rule))
    trained.train(mode)


def _output_range(outputs: Float[Tensor, images * shape], levels: Float64[Tensor, " levels"], rule: ScaleRule) -> float:
    largest = max(float(outputs.abs().max()), SMALLEST)
    if rule != "least_error":
        return largest
    levels = levels.to(outputs.dtype).to(outputs.device)
    candidates = [largest * share / CANDIDATES for share in range(1, CANDIDATES + 1)]
    errors = [float((hard_staircase(outputs / r, levels) * r - outputs).square().mean()) for r in candidates]
    return candidates[errors.index(min(errors))]
