"""Codes of the arrays of a layer, as the registers of the digital side take them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

from hwcore.converters import coded_sum, largest_code
from hwcore.crossbar.chip import ChipLayer
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.tile_currents import array_codes
from hwcore.mapping import MappedLayer


def layer_codes(
    drive: Float[Tensor, "products drives"],
    layer: MappedLayer,
    built: ChipLayer,
    *,
    reads: ReadDraws | None = None,
    clipped: Sequence[Tensor] | None = None,
) -> Int64[Tensor, "terms products cols"]:
    """Codes of every row block of tiles of every array: sum_c f_c code(v_c) over the conversions of `coded_drives`.

    Args:
        drive: of the word lines, from `hwcore.crossbar.walk`.
        layer: tiles of its arrays, and how its inputs are coded.
        built: the layer of one chip, with converters.
        reads: source of read noise; needed where there is some.
        clipped: for every array (row blocks, cols), int64; conversions beyond the last code are counted there.

    Raises:
        ValueError: an array without converters, or read noise without a source.
    """
    counts = [None] * len(layer.arrays) if clipped is None else clipped

    def at_once(drive: Float[Tensor, "products drives"]) -> Float[Tensor, "terms products cols"]:
        parts = zip(built.arrays, layer.arrays, counts, strict=True)
        return torch.cat(
            [array_codes(drive, array, mapped.grid, reads=reads, clipped=counted) for array, mapped, counted in parts]
        )

    return coded_sum(drive, layer.drive, at_once).long()


def code_factors(layer: MappedLayer, built: ChipLayer) -> Float64[Tensor, "terms cols"]:
    """Value of code 1 of every column of every tile behind the scale of its column, without unit.

        scale_j gain_j s_a f_bj LSB_bj, over 2^b - 1 where inputs come bit by bit

    Args:
        layer: scale of every column, significance of its arrays.
        built: converters, factors against drift, and calibration of one chip.

    Raises:
        ValueError: an array without converters.
    """
    terms = []
    for array, mapped in zip(built.arrays, layer.arrays, strict=True):
        if array.converters is None:
            raise ValueError(f"{layer.name}: got an array without converters; allowed: those that read codes")
        lsb = array.converters.full_scale.double() / largest_code(array.converters.bits)
        terms.append(mapped.significance * lsb * (1.0 if array.factor is None else array.factor.double()))
    cycles = 1 if layer.drive.bits is None else 2**layer.drive.bits - 1
    gain = 1.0 if built.calibration is None else built.calibration.gain.double()
    return torch.cat(terms) * (layer.digital.scale * gain / cycles)


def column_offsets(layer: MappedLayer, built: ChipLayer) -> Float64[Tensor, " cols"]:
    """bias_j + scale_j offset_j, the offset of the calibration, without unit."""
    digital, calibration = layer.digital, built.calibration
    return digital.bias if calibration is None else digital.bias + digital.scale * calibration.offset.double()
