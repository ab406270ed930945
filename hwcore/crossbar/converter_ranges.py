"""Ranges of the converters of one array, from the array as designed and the drives of the calibration images."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.converters import adc_full_scale, coded_drives
from hwcore.crossbar.grouped_product import block_drives, grouped_product
from hwcore.mapping import Array
from hwcore.spec import Adc, CalibratedRange, Drive


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
        drive: how they are coded: converters meet the drives of every bit that comes alone, and of every phase that is
            converted.
        drive_max: largest of them.
    """
    met, groups = None, array.grid.groups
    if isinstance(adc.range, CalibratedRange):
        met = torch.cat([each for _, each in coded_drives(drives, drive)])

    def currents(rows: tuple[int, int]) -> Float64[Tensor, "_products cols"] | None:
        """Currents of a row of tiles; None: the range asks for nothing of the kind."""
        return None if met is None else grouped_product(block_drives(met, rows, groups), seen[slice(*rows)], groups)

    designed = array.on_bit_lines(array.pairs.g).difference
    return torch.stack(
        [
            adc_full_scale(
                adc,
                designed[slice(*rows)],
                drive_max=drive_max,
                drive_signed=drive.converts_both_signs,
                currents=currents(rows),
            )
            for rows in array.grid.row_blocks
        ]
    )
