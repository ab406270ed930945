"""One network three ways: hard values in torch, the matrices of the mapped network, and the arrays tile by tile."""

import copy
import math

import torch

from hwcore.crossbar import array_logits, as_designed, predicted_class
from hwcore.digital import pooled
from hwcore.layers import HardwareNetwork, map_network
from hwcore.mapping import MappedNetwork
from hwcore.quant import activation_function
from tests.hwcore.conformance.layer_kinds import CASES
from tests.hwcore.layers.drawn_networks import LEVELS, drawn_codes

LSB = 1 / (LEVELS - 1)


def by_network(network: HardwareNetwork, codes: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        logits: torch.Tensor = copy.deepcopy(network).double()(codes.double() * LSB)
    return logits


def by_arrays(mapped: MappedNetwork, codes: torch.Tensor) -> torch.Tensor:
    return array_logits(mapped, as_designed(mapped), codes, LSB)


def by_matrices(mapped: MappedNetwork, codes: torch.Tensor) -> torch.Tensor:
    """Each layer as torch's own function of scale (g_pos - g_neg), and the levels counted threshold by threshold."""
    x = codes.double() * LSB
    for layer in mapped.layers:
        plan, window, digital = layer.plan, layer.plan.window, layer.digital
        matrix = digital.scale * layer.difference
        weights = matrix[: plan.inputs].T.reshape(-1, *window.kernel_shape)
        bias = digital.bias if layer.bias_drive is None else matrix[-1] * layer.bias_drive
        x = pooled(CASES[plan.kind].by_torch(x.reshape(len(x), *plan.in_shape), weights, bias, window), window.pool)
        activation = digital.activation
        if activation is None:
            continue
        x = activation_function(activation.function)(x)
        if activation.levels is not None and activation.thresholds is not None:
            x = activation.levels[(x[..., None] >= activation.thresholds).sum(-1)]
    return x


def largest_difference(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference of an image's logits over the largest of them."""
    return float(((found - expected).abs().amax(1) / expected.abs().amax(1).clamp(min=1e-300)).max())


def agree(network: HardwareNetwork, images: int = 100) -> None:
    """The three ways give the same logits up to rounding, and the same classes."""
    codes = drawn_codes(images, math.prod(network.plan[0].in_shape))
    mapped = map_network(network)
    expected, by_array, by_matrix = by_network(network, codes), by_arrays(mapped, codes), by_matrices(mapped, codes)
    assert largest_difference(by_array, expected) <= 1e-9
    assert largest_difference(by_matrix, expected) <= 1e-9
    assert torch.equal(predicted_class(by_array), predicted_class(expected))
