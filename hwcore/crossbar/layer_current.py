"""The arrays of a layer at work: their currents by significance, bit by bit where inputs come so, calibrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.converters import bit_serial
from hwcore.crossbar.chip import ChipLayer
from hwcore.crossbar.read_draws import ReadDraws
from hwcore.crossbar.tile_currents import array_current
from hwcore.mapping import MappedLayer


def layer_current(
    drive: Float[Tensor, "products drives"],
    layer: MappedLayer,
    built: ChipLayer,
    *,
    reads: ReadDraws | None = None,
    clipped: Sequence[Tensor] | None = None,
) -> Float[Tensor, "products cols"]:
    """I = sum_a s_a I_a over the arrays, with inputs that come bit by bit sum_k 2^k I(bit k) / (2^b - 1); calibrated.

    Args:
        drive: of the word lines, from `hwcore.crossbar.walk`.
        layer: significance and tiles of its arrays, and whether its inputs come bit by bit.
        built: the layer of one chip.
        reads: source of read noise; needed where there is some.
        clipped: for every array (row blocks, cols), int64; conversions beyond the last code are counted there.

    Returns:
        Currents over the read voltage, as the digital side has them.

    Raises:
        ValueError: read noise without a source.
    """
    counts = [None] * len(layer.arrays) if clipped is None else clipped

    def at_once(drive: Float[Tensor, "products drives"]) -> Float[Tensor, "products cols"]:
        parts = zip(built.arrays, layer.arrays, counts, strict=True)
        return layer.summed(
            array_current(drive, array, mapped.grid, reads=reads, clipped=counted) for array, mapped, counted in parts
        )

    # Bit by bit or all at once is the same where nothing is rounded and nothing drawn.
    bits = None if built.linear else layer.drive.bits
    current = at_once(drive) if bits is None else serial_current(drive, bits, at_once)
    return current if built.calibration is None else built.calibration(current)


def serial_current(
    drive: Float[Tensor, "products drives"],
    bits: int,
    product: Callable[[Float[Tensor, "products drives"]], Float[Tensor, "products cols"]],
) -> Float[Tensor, "products cols"]:
    """sum_k 2^k I(bit k of the drives) / (2^b - 1): the arrays once per bit, shifted and added.

    Args:
        drive: codes over 2^b - 1, so from 0 to 1; a bias row is driven with the full scale in every cycle.
        bits: b.
        product: I: currents for drives of 0 or 1.
    """
    codes = (drive * (2**bits - 1)).round_().to(torch.uint8)
    return bit_serial(codes, bits, product, drive.dtype)
