"""Drives of the word lines of every layer, for given images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch
from jaxtyping import Float, Integer
from torch import Tensor

from hwcore.crossbar.chip import Chip
from hwcore.crossbar.layer_current import layer_current
from hwcore.crossbar.network import simulated_at_once
from hwcore.crossbar.walk import walk
from hwcore.mapping import MappedLayer, MappedNetwork


@torch.no_grad()
def layer_drives(
    network: MappedNetwork, chip: Chip, codes: Integer[Tensor, "images inputs"], lsb: float
) -> dict[str, Float[Tensor, "_products _drives"]]:
    """Drives of every layer by its name, in units of the read voltage, the bias row included.

    Args:
        network: the digital part, and where the arrays are cut.
        chip: one without read noise.
        codes: DAC codes of some images; of a convolution only as many of them as fit (see `simulated_at_once`). The
            products of a recurrent layer come step after step.
        lsb: input of code 1.
    """
    inputs = codes[: simulated_at_once(network, len(codes))].to(chip.dtype) * lsb
    found: dict[str, list[Tensor]] = {}

    def currents(layer: MappedLayer, drives: Iterator[Tensor]) -> Iterable[Tensor]:
        found[layer.name] = []
        for drive in drives:
            found[layer.name].append(drive)
            yield layer_current(drive, layer, chip.layers[layer.name])

    walk(network, [inputs], currents)
    return {name: parts[0] if len(parts) == 1 else torch.cat(parts) for name, parts in found.items()}
