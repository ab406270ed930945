"""A training step of Brevitas beside a plain one: 2-bit sign-and-magnitude weights (-3 .. 3), 2-bit activations."""

from __future__ import annotations

from brevitas_network import quantised_network
from plain_step import answer
from torch import nn

WEIGHT_BITS, ACTIVATION_BITS = 3, 2


def _learned(widths: list[int]) -> nn.Module:
    return quantised_network(widths, WEIGHT_BITS, ACTIVATION_BITS, learned_scale=True)


def _largest(widths: list[int]) -> nn.Module:
    return quantised_network(widths, WEIGHT_BITS, ACTIVATION_BITS, learned_scale=False)


if __name__ == "__main__":
    answer("brevitas", {"learned scale": _learned, "scale of the largest weight": _largest})
