"""What the word lines of every layer are driven with."""

from __future__ import annotations

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from hwcore.crossbar.chip import Chip
from hwcore.crossbar.network import layer_drive, layer_output, simulated_at_once
from hwcore.crossbar.tile_currents import layer_current
from hwcore.mapping import MappedNetwork


@torch.no_grad()
def layer_drives(
    network: MappedNetwork, chip: Chip, codes: UInt8[Tensor, "images inputs"], lsb: float
) -> list[Float[Tensor, "_products _rows"]]:
    """Drives of every layer, in units of the read voltage, the bias row included.

    Args:
        network: the digital part, and where the arrays are cut.
        chip: one without read noise.
        codes: DAC codes of some images; of a convolution only as many of them as fit (see `simulated_at_once`).
        lsb: input of code 1.
    """
    x = codes[: simulated_at_once(network, len(codes))].to(chip.dtype) * lsb
    found = []
    for layer, cells in zip(network.layers, chip.layers, strict=True):
        drive = layer_drive(x, layer)
        found.append(drive)
        x = layer_output(layer_current(drive, cells, layer.grid), layer)
    return found
