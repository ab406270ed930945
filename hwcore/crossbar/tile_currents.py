"""The tiles of a layer at work: currents, the noise of their products, conversion, and the sum of the tiles."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.converters import adc_codes, bit_serial
from hwcore.crossbar.chip import ChipLayer
from hwcore.crossbar.ideal import differential_current
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.read_noise import read_current_sigma
from hwcore.spec import TileGrid


def layer_current(
    drive: Float[Tensor, "batch rows"],
    layer: ChipLayer,
    grid: TileGrid,
    *,
    reads: ReadDraws | None = None,
    clipped: Tensor | None = None,
) -> Float[Tensor, "batch cols"]:
    """I_j = sum over tiles of f_j ADC(sum_i V_i d_ij + (sum_i V_i^2 v_ij)^(1/2) xi), xi ~ N(0, 1) at every product.

    d is the difference of a pair, v its variance, f the factor against drift. What a layer does not have is left out:
    with d alone this is the ideal array.

    Args:
        drive: of the word lines, in units of the read voltage.
        layer: of one chip.
        grid: where it is cut into tiles.
        reads: source of xi; needed where there is read noise.
        clipped: (row blocks, cols), int64; the number of conversions beyond the last code is added to it.

    Returns:
        Currents over the read voltage, as the digital side has them.

    Raises:
        ValueError: read noise without a source.
    """
    if layer.read_variance is not None and reads is None:
        raise ValueError("reads: got None; allowed: draws, since this chip has read noise")
    if layer.converters is None:
        return _unconverted(drive, layer, grid, reads)
    total = drive.new_zeros(drive.shape[0], layer.g_difference.shape[1])
    for block, (start, stop) in enumerate(grid.row_blocks):
        part = drive[:, start:stop]
        current = part @ layer.g_difference[start:stop]
        if layer.read_variance is not None and reads is not None:
            _add_noise(current, part, layer.read_variance[start:stop], reads)
        full_scale, counted = layer.converters.full_scale[block], None if clipped is None else clipped[block]
        code, lsb = adc_codes(current, full_scale, layer.converters.bits, clipped=counted)
        # Code times LSB times factor, added up: one pass over the products.
        total.addcmul_(code, lsb if layer.factor is None else lsb * layer.factor[block])
    return total


def serial_current(
    drive: Float[Tensor, "batch rows"],
    layer: ChipLayer,
    grid: TileGrid,
    *,
    bits: int,
    reads: ReadDraws | None = None,
    clipped: Tensor | None = None,
) -> Float[Tensor, "batch cols"]:
    """sum_k 2^k I(bit k of the drives) / (2^b - 1): the array once per bit, what it gives shifted and added.

    Args:
        drive: codes over 2^b - 1, so from 0 to 1; a bias row is driven with the full scale in every cycle.
        layer: as for `layer_current`, as are grid, reads and clipped.
        grid: where it is cut into tiles.
        bits: b.
        reads: source of read noise.
        clipped: counts conversions.
    """
    codes = (drive * (2**bits - 1)).round_().to(torch.uint8)

    def product(plane: Float[Tensor, "batch rows"]) -> Float[Tensor, "batch cols"]:
        return layer_current(plane, layer, grid, reads=reads, clipped=clipped)

    return bit_serial(codes, bits, product, drive.dtype)


def _unconverted(
    drive: Float[Tensor, "batch rows"], layer: ChipLayer, grid: TileGrid, reads: ReadDraws | None
) -> Float[Tensor, "batch cols"]:
    """Nothing is rounded between the tiles: the factors go into the matrix, and the noise of a column is one."""
    g, variance = layer.g_difference, layer.read_variance
    if layer.factor is not None:
        heights = torch.tensor([stop - start for start, stop in grid.row_blocks])
        factor = layer.factor.repeat_interleave(heights, 0)
        g = g * factor
        variance = None if variance is None else variance * factor.square()
    current = differential_current(drive, g, grid)
    if variance is not None and reads is not None:
        _add_noise(current, drive, variance, reads)
    return current


def _add_noise(
    current: Float[Tensor, "batch cols"],
    drive: Float[Tensor, "batch rows"],
    variance: Float[Tensor, "rows cols"],
    reads: ReadDraws,
) -> None:
    """Add (sum_i V_i^2 v_ij)^(1/2) xi in place; a chip reads alike in either precision."""
    xi = reads(tuple(current.shape)).to(current.dtype)
    current.addcmul_(read_current_sigma(drive, variance), xi)
