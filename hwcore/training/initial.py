"""First network on the chip, made from the trained floating-point network."""

from __future__ import annotations

import torch

from hwcore.layers import BatchNorm, FloatNetwork, HardwareNetwork
from hwcore.spec import Normalize
from hwcore.training.calibration import calibrate_activations
from hwcore.training.examples import Examples
from hwcore.training.scale import SCALES, ScaleRule


@torch.no_grad()
def start_from(
    network: HardwareNetwork,
    trained: FloatNetwork,
    examples: Examples,
    *,
    rule: ScaleRule = "least_error",
    initial_range_ratio: float = 1.0,
) -> None:
    """Put the weights of the floating-point network on the chip's scale: theta = w / s, nothing rounded yet.

    A bias that is an array row is driven with the full scale d of its layer's inputs: theta = b / (s d).
    In evaluation mode the result *is* the rounded network. Normalisation is carried over; activation ranges are
    calibrated on the examples by the same rule.

    Args:
        network: written to; of the same plan and normalisation.
        trained: the floating-point network.
        examples: training images, to calibrate on.
        rule: full_range clips nothing, full_range_of_layer neither, with one scale for all columns; least_error
            minimises the squared error of rounding, and is full_range in layers that nothing rounds.
        initial_range_ratio: first range of an activation that learns it, over that of the rule; above 0.
    """
    choose = SCALES[rule]
    values = network.weight_staircase.exact
    per_column = network.hardware.weights.scale == "per_column"
    calibrate_activations(network, trained, examples, rule=rule, initial_range_ratio=initial_range_ratio)
    scales = {}
    parts = zip(network.plan, network.layers, trained.affine(), network.drives().values(), strict=True)
    for layer, ours, (trained_weights, bias), drive in parts:
        weights = trained_weights.to(torch.float64).flatten(1)
        if ours.bias_in_array:
            weights = torch.cat([weights, bias.to(torch.float64)[:, None] / drive.full_scale], dim=1)
        # Without rounding there is no error to minimise.
        chosen = choose if ours.rounds or rule != "least_error" else SCALES["full_range"]
        scale = chosen(weights, values, per_column=per_column)
        if not ours.normalized:
            ours.log_scale.copy_(scale.log())
        latent = weights / scale[:, None]
        ours.theta.copy_(latent[:, : ours.inputs].reshape(ours.theta.shape))
        if not ours.normalized:
            ours.bias.copy_(latent[:, -1] if ours.bias_in_array else bias)
        scales[layer.name] = scale, bias
    for node in network.graph.of_kind(Normalize):
        norm = network.module_of(node.name)
        norm.load_state_dict(trained.module_of(node.name).state_dict())
        (source,) = node.inputs
        mean, variance = getattr(norm, "running_mean", None), getattr(norm, "running_var", None)
        folded = source in scales and network.graph.normalization_behind(source) == node
        if folded and isinstance(norm, BatchNorm) and mean is not None and variance is not None:
            scale, bias = scales[source]
            # Ours are the statistics of the current I, theirs of s I + b: the same output, eps included.
            mean.copy_((mean - bias) / scale)
            variance.copy_(((variance + norm.eps) / scale.square() - norm.eps).clamp(min=0))
