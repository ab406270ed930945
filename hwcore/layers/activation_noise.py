"""Noise before the quantised activations while a network trains."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn

from hwcore.layers.activation import HardwareActivation
from hwcore.layers.attached import attached
from hwcore.layers.dither import Dither


@contextmanager
def noisy_activations(network: nn.Module, generator: torch.Generator, *, width: float, total: int) -> Iterator[Dither]:
    """Within this context the staircases of the activations in training mode read x + a d u: noise against leaning on
    an output that only just reaches its level.

    u is uniform within -1/2 and 1/2 and another for every element and call, d the distance of two levels, and a falls
    on a line from `width` to 0 over the calls of the network in training mode. Activations without bits have none.

    Args:
        network: any module with `HardwareActivation` inside.
        generator: source of u, on the CPU.
        width: a at first, in steps, from 0; 0: no noise.
        total: calls of the network in training mode until a is 0, from 1.

    Yields:
        What was drawn so far, for a training that has to go on where it was.

    Raises:
        ValueError: a width below 0 or not finite, or no calls.
    """
    if not 0 <= width < math.inf:
        raise ValueError(f"width: got {width}; allowed: a number from 0, in steps")
    if total < 1:
        raise ValueError(f"total: got {total}; allowed: 1 or more, calls of the network")
    dither = Dither(width, total, generator)
    with ExitStack() as within:
        if width > 0:
            activations = [module for module in network.modules() if isinstance(module, HardwareActivation)]
            within.enter_context(dither.passing(network))
            within.enter_context(attached(activations, "noise", [dither] * len(activations)))
        yield dither
