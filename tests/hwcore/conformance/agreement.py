"""One network three ways: hard values in torch, the matrices of the mapped network, and the arrays tile by tile."""

import copy
import math
from collections.abc import Callable
from typing import Any

import torch

from hwcore.crossbar import array_logits, as_designed, predicted_class
from hwcore.layers import HardwareNetwork, map_network
from hwcore.mapping import MappedActivation, MappedNetwork, MappedNormalization
from hwcore.quant import activation_function
from hwcore.spec import INPUT, Lstm, Node, Product
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
    values = {INPUT: (codes.double() * LSB).reshape(len(codes), *mapped.graph.input_shape)}
    for node in mapped.graph.nodes:
        values[node.name] = _output(mapped, node, *(values[name] for name in node.inputs))
    return values[mapped.graph.output.name]


def _output(mapped: MappedNetwork, node: Node, *x: torch.Tensor) -> torch.Tensor:
    if isinstance(node.operation, Lstm):
        return _states(mapped, node.operation, *x)
    if isinstance(node.operation, Product):
        layer = mapped[node.name]
        plan, window = layer.plan, layer.plan.window
        matrix = layer.digital.scale * layer.difference
        weights = matrix[: plan.inputs].T.reshape(-1, *window.kernel_shape)
        bias = layer.digital.bias if layer.bias_drive is None else matrix[-1] * layer.bias_drive
        return CASES[plan.kind].by_torch(*x, weights, bias, window)
    numbers = mapped.nodes.get(node.name)
    if isinstance(numbers, MappedNormalization):
        column = (-1, *(1 for _ in node.shape[1:]))
        return x[0] * numbers.scale.view(column) + numbers.offset.view(column)
    if isinstance(numbers, MappedActivation):
        return _activated(numbers, x[0])
    return OPERATIONS_BY_HAND[node.kind](node.operation, *x)


def _activated(numbers: MappedActivation, x: torch.Tensor) -> torch.Tensor:
    y = activation_function(numbers.function)(x)
    if numbers.levels is None or numbers.thresholds is None:
        return y
    return numbers.levels[(y[..., None] >= numbers.thresholds).sum(-1)]


def _states(mapped: MappedNetwork, operation: Lstm, x: torch.Tensor) -> torch.Tensor:
    """torch's own cell, one step after the other, with codes between them."""
    layer, numbers = mapped[operation.plan.name], mapped.nodes[operation.plan.name]
    assert isinstance(numbers, MappedActivation)
    matrix = (layer.digital.scale * layer.difference).T
    channels, inputs = x.shape[1], layer.plan.inputs
    bias = layer.digital.bias if layer.bias_drive is None else matrix[:, -1] * layer.bias_drive
    cell = torch.nn.LSTMCell(channels, operation.units).double().requires_grad_(False)
    cell.load_state_dict(
        {
            "weight_ih": matrix[:, :channels],
            "weight_hh": matrix[:, channels:inputs],
            "bias_ih": bias,
            "bias_hh": torch.zeros_like(bias),
        }
    )
    h = c = torch.zeros(len(x), operation.units, dtype=x.dtype)
    states = []
    for t in range(x.shape[2]):
        h, c = cell(x[:, :, t], (h, c))
        h = _activated(numbers, h)
        states.append(h)
    return torch.stack(states, 2) if operation.sequence else h


def _pooled(operation: Any, x: torch.Tensor) -> torch.Tensor:
    """Squares with their margins, and whatever is left over cut off."""
    edges, outside = operation.size, -torch.inf if operation.type == "max" else 0.0
    for axis, margin in enumerate(operation.padding):
        rim = torch.full((*x.shape[: 2 + axis], margin, *x.shape[3 + axis :]), outside, dtype=x.dtype)
        x = torch.cat([rim, x, rim], 2 + axis)
    for axis, edge in enumerate(edges):
        x = x.unfold(2 + axis, edge, operation.stride[axis])
    flat = x.flatten(-len(edges))
    return flat.amax(-1) if operation.type == "max" else flat.mean(-1)


OPERATIONS_BY_HAND: dict[str, Callable[..., torch.Tensor]] = {
    "pool": _pooled,
    "flatten": lambda operation, x: x.reshape(len(x), -1),
    "add": lambda operation, one, other: one.add(other),
    "concat": lambda operation, *parts: torch.hstack(parts),
    "global_pool": lambda operation, x: x.reshape(*x.shape[:2], -1).sum(2) / x[0, 0].numel(),
    "hard_swish": lambda operation, x: torch.where(x < -3, 0 * x, torch.where(x > 3, x, x * (x + 3) / 6)),
    "reshape": lambda operation, x: x.reshape(len(x), *operation.to),
    "transpose": lambda operation, x: x.permute(0, *(axis + 1 for axis in operation.axes)),
}
"""The operations once more."""


def largest_difference(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference of an image's logits over the largest of them."""
    return float(((found - expected).abs().amax(1) / expected.abs().amax(1).clamp(min=1e-300)).max())


def agree(network: HardwareNetwork, images: int = 100) -> None:
    """The three ways give the same logits up to rounding, and the same classes."""
    codes = drawn_codes(images, math.prod(network.graph.input_shape))
    mapped = map_network(network)
    expected, by_array, by_matrix = by_network(network, codes), by_arrays(mapped, codes), by_matrices(mapped, codes)
    assert largest_difference(by_array, expected) <= 1e-9
    assert largest_difference(by_matrix, expected) <= 1e-9
    assert torch.equal(predicted_class(by_array), predicted_class(expected))
