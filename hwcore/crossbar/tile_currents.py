"""The tiles of an array at work: currents, the noise of their products, conversion, and the sum of the tiles."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.converters import adc_codes
from hwcore.crossbar.chip import ChipArray, Converters
from hwcore.crossbar.grouped_product import block_drives, grouped_product
from hwcore.crossbar.ideal import differential_current
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.read_noise import read_current_sigma
from hwcore.spec import TileGrid


def array_current(
    drive: Float[Tensor, "batch drives"],
    array: ChipArray,
    grid: TileGrid,
    *,
    reads: ReadDraws | None = None,
    clipped: Tensor | None = None,
) -> Float[Tensor, "batch cols"]:
    """I_j = sum over tiles of f_j ADC(sum_i V_i d_ij + (sum_i V_i^2 v_ij)^(1/2) xi), xi ~ N(0, 1) at every product.

    d is the difference of a pair, v its variance, f the factor against drift. What an array does not have is left out:
    with d alone this is the ideal array.

    Args:
        drive: of the word lines, in units of the read voltage; of one group of columns after the other.
        array: of one chip.
        grid: where it is cut into tiles.
        reads: source of xi; needed where there is read noise.
        clipped: (row blocks, cols), int64; the number of conversions beyond the last code is added to it.

    Returns:
        Currents over the read voltage, as the digital side has them.

    Raises:
        ValueError: read noise without a source.
    """
    if array.read_variance is not None and reads is None:
        raise ValueError("reads: got None; allowed: draws, since this chip has read noise")
    if array.converters is None:
        return _unconverted(drive, array, grid, reads)
    total = drive.new_zeros(drive.shape[0], array.g_difference.shape[1])
    for block, (code, lsb) in enumerate(_conversions(drive, array, array.converters, grid, reads, clipped)):
        # Code times LSB times factor, added up: one pass over the products.
        total.addcmul_(code, lsb if array.factor is None else lsb * array.factor[block])
    return total


def array_codes(
    drive: Float[Tensor, "batch drives"],
    array: ChipArray,
    grid: TileGrid,
    *,
    reads: ReadDraws | None = None,
    clipped: Tensor | None = None,
) -> Float[Tensor, "row_blocks batch cols"]:
    """Codes of the converters, whole numbers, one row block of tiles after the other; arguments as for `array_current`.

    Raises:
        ValueError: the array has no converters, or read noise without a source.
    """
    if array.converters is None:
        raise ValueError("converters: got None; allowed: those that read the codes")
    if array.read_variance is not None and reads is None:
        raise ValueError("reads: got None; allowed: draws, since this chip has read noise")
    parts = _conversions(drive, array, array.converters, grid, reads, clipped)
    return torch.stack([code for code, _ in parts])


def _conversions(
    drive: Float[Tensor, "batch drives"],
    array: ChipArray,
    converters: Converters,
    grid: TileGrid,
    reads: ReadDraws | None,
    clipped: Tensor | None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Codes and LSB of every row block of tiles."""
    for block, (start, stop) in enumerate(grid.row_blocks):
        part = block_drives(drive, (start, stop), grid.groups)
        current = grouped_product(part, array.g_difference[start:stop], grid.groups)
        if array.read_variance is not None and reads is not None:
            _add_noise(current, part, array.read_variance[start:stop], grid.groups, reads)
        counted = None if clipped is None else clipped[block]
        yield adc_codes(current, converters.full_scale[block], converters.bits, clipped=counted)


def _unconverted(
    drive: Float[Tensor, "batch drives"], array: ChipArray, grid: TileGrid, reads: ReadDraws | None
) -> Float[Tensor, "batch cols"]:
    """Nothing is rounded between the tiles: the factors go into the matrix, and the noise of a column is one."""
    g, variance = array.g_difference, array.read_variance
    if array.factor is not None:
        heights = torch.tensor([stop - start for start, stop in grid.row_blocks])
        factor = array.factor.repeat_interleave(heights, 0)
        g = g * factor
        variance = None if variance is None else variance * factor.square()
    current = differential_current(drive, g, grid)
    if variance is not None and reads is not None:
        _add_noise(current, drive, variance, grid.groups, reads)
    return current


def _add_noise(
    current: Float[Tensor, "batch cols"],
    drive: Float[Tensor, "batch drives"],
    variance: Float[Tensor, "rows cols"],
    groups: int,
    reads: ReadDraws,
) -> None:
    """Add (sum_i V_i^2 v_ij)^(1/2) xi in place; a chip reads alike in either precision."""
    xi = reads(tuple(current.shape)).to(current.dtype)
    current.addcmul_(read_current_sigma(drive, variance, groups), xi)
