"""Ranges of the converters of one array, from the array as designed and the drives of the calibration images."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.converters import adc_full_scale, bit_planes
from hwcore.crossbar.grouped_product import block_drives, grouped_product
from hwcore.mapping import Array
from hwcore.spec import Adc, Drive


def converter_ranges(
    adc: Adc,
    array: Array,
    seen: Float64[Tensor, "rows cols"],
    drives: Float64[Tensor, "products drives"],
    drive: Drive,
    *,
    drive_max: float,
) -> Float64[Tensor, "row_blocks cols"]:
    """Full scale of every column of every tile: a row for every row of tiles.

    Args:
        adc: the rule of the range.
        array: as designed, cut into tiles.
        seen: what the outputs see of it, S: the difference of its pairs, through the wires if there are any.
        drives: of one group of columns after the other, that calibrated ranges are taken from.
        drive: signs of the drives, and whether they come bit by bit: then converters meet the drives of every bit.
        drive_max: largest of them.
    """
    met, designed, groups = _planes(drives, drive), array.pairs.g.difference, array.grid.groups
    return torch.stack(
        [
            adc_full_scale(
                adc,
                designed[start:stop],
                drive_max=drive_max,
                drive_signed=drive.signed,
                currents=grouped_product(block_drives(met, (start, stop), groups), seen[start:stop], groups),
            )
            for start, stop in array.grid.row_blocks
        ]
    )


def _planes(drives: Float64[Tensor, "products drives"], drive: Drive) -> Float64[Tensor, "_met drives"]:
    if drive.bits is None:
        return drives
    codes = (drives * (2**drive.bits - 1)).round().to(torch.uint8)
    return torch.cat(bit_planes(codes, drive.bits)).to(drives.dtype)
