"""One chip out of many: the conductances that its cells really have. A chip is a seed."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices import program
from hwcore.mapping import MappedNetwork
from hwcore.spec import Programming
from hwcore.streams import CHIPS, stream


@dataclass(frozen=True, eq=False)
class Chip:
    """g_pos - g_neg of every layer, S, rows = word lines and cols = bit lines."""

    g_difference: tuple[Float64[Tensor, "_rows _cols"], ...]


def as_designed(network: MappedNetwork) -> Chip:
    """The chip on which every cell has the conductance of its level."""
    return Chip(tuple(layer.g_pos - layer.g_neg for layer in network.layers))


def program_chip(network: MappedNetwork, programming: Programming, *, seed: int, number: int) -> Chip:
    """Write every cell of one chip once, with programming noise of its own.

    Args:
        network: what is to be written.
        programming: model of the noise.
        seed: of the job.
        number: of the chip, from 0; each has an independent stream of random numbers, whatever else is drawn.
    """
    generator = stream(seed, CHIPS, number)
    written = []
    for layer in network.layers:
        g_pos = program(layer.g_pos, programming, g_max=network.g_max_pos, generator=generator)
        g_neg = program(layer.g_neg, programming, g_max=network.g_max_neg, generator=generator)
        written.append(g_pos - g_neg)
    return Chip(tuple(written))
