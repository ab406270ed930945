"""Networks with everything drawn at random, as a training could have left them, and images for them."""

from collections.abc import Sequence
from typing import Any

import torch

from hwcore.layers import HardwareNetwork
from hwcore.spec import Graph, Hardware, Normalization, Plan, chain_graph, dense_plan
from tests.hwcore.spec.chips import chip

CELLS: dict[str, dict[str, Any]] = {
    "linear, off cells do not conduct": {"levels": 3, "g_max": 8e-6},
    "exponential, ratio 8, negative at 0.8": {
        "levels": 4,
        "g_max": 5e-5,
        "on_off_ratio": 8,
        "spacing": {"type": "exponential", "curvature": 2},
        "negative": {"gain": 0.8},
    },
    "binary weighted, bits off": {
        "levels": 4,
        "on_off_ratio": 50,
        "spacing": {"type": "binary_weighted", "bit_conductances": [1.1e-5, 1.8e-5]},
    },
    "two measured tables": {
        "spacing": {"type": "table", "conductances": [1e-6, 4e-6, 5e-6, 9e-6, 14e-6]},
        "negative": {"spacing": {"type": "table", "conductances": [2e-6, 3e-6, 7e-6, 8e-6, 11e-6]}},
    },
    "ratio 2": {"levels": 4, "g_max": 1e-5, "on_off_ratio": 2},
}
ACTIVATIONS: dict[str, dict[str, Any]] = {
    "relu of 2 bits": {"function": "relu", "bits": 2},
    "relu": {"function": "relu"},
    "sigmoid of 3 bits": {"function": "sigmoid", "bits": 3},
    "tanh of 2 bits": {"function": "tanh", "bits": 2},
}
LEVELS = 16
"""Codes of the 4-bit DAC in front."""


def described(
    cell: str, activation: str, weights: dict[str, str], rows: int = 8, cols: int = 5, **parts: dict[str, Any]
) -> Hardware:
    """A chip by the names above."""
    return chip(
        CELLS[cell],
        activation=ACTIVATIONS[activation],
        weights=weights,
        array={"rows": rows, "cols": cols},
        input={"bits": 4},
        **parts,
    )


def drawn_network(
    hardware: Hardware, widths: Sequence[int], normalization: Normalization, seed: int = 0
) -> HardwareNetwork:
    """`drawn_plan` of dense layers between these widths."""
    return drawn_plan(hardware, dense_plan(widths), normalization, seed)


def drawn_plan(hardware: Hardware, plan: Plan, normalization: Normalization, seed: int = 0) -> HardwareNetwork:
    """`drawn_graph` of layers one behind another."""
    return drawn_graph(hardware, chain_graph(plan, normalization), seed)


def drawn_graph(hardware: Hardware, graph: Graph, seed: int = 0) -> HardwareNetwork:
    """Latent weights all over the levels, scales and biases at random, statistics with gains of both signs and zero."""
    generator = torch.Generator().manual_seed(seed)
    network = HardwareNetwork(graph, hardware, generator=generator)
    with torch.no_grad():
        for linear in network.layers:
            linear.theta.normal_(generator=generator).mul_(0.5)
            if linear.normalized:
                continue  # scale 1 and bias 0: the normalisation's own are drawn below
            linear.log_scale.normal_(generator=generator).mul_(0.3).sub_(0.5)
            linear.bias.normal_(generator=generator).mul_(0.5)
        for norm in network.norms:
            norm.weight.normal_(generator=generator)
            norm.weight[0] = 0.0
            norm.bias.normal_(generator=generator)
            norm.running_mean.normal_(generator=generator)
            norm.running_var.uniform_(0.1, 3.0, generator=generator)
        for activation in network.activations.values():
            activation.set_range(0.9 + float(torch.rand(1, generator=generator)))
    return network.eval()


def drawn_codes(count: int, inputs: int, seed: int = 0) -> torch.Tensor:
    """DAC codes; a third of them zero, as the background of an image is, and one image that is nothing else."""
    generator = torch.Generator().manual_seed(seed)
    codes = torch.randint(-LEVELS // 2, LEVELS, (count, inputs), generator=generator).clamp(min=0)
    codes[0] = 0
    return codes.to(torch.uint8)


def full_scales(network: HardwareNetwork) -> list[float]:
    """Drives of the bias rows of all layers but the first: the ranges of the activations."""
    return [drive.full_scale for drive in list(network.drives().values())[1:]]
