"""The arrays of a layer at work: their currents by significance, of every bit and sign as it comes, calibrated."""

from __future__ import annotations

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from hwcore.converters import coded_current
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
    """I = sum_a s_a I_a over the arrays, of every conversion of the inputs as `coded_current` adds them; calibrated.

    Args:
        drive: of the word lines, from `hwcore.crossbar.walk`.
        layer: significance and tiles of its arrays, and how its inputs are coded.
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

    # However inputs come, it is the same where nothing is rounded and nothing drawn.
    current = at_once(drive) if built.linear else coded_current(drive, layer.drive, at_once)
    return current if built.calibration is None else built.calibration(current)
