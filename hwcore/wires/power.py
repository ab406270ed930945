"""Balance of power: that of the sources, and that of every part."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from hwcore.wires.nodal import NodalSolution


@dataclass(frozen=True, eq=False)
class Power:
    """Power for every input, W.

    Attributes:
        sources: given by the sources, sum_i V_i I_i; equals the sum of the others.
        cells, word_lines, bit_lines, drivers, amplifiers: taken by the cells, by the segments of either line, and by
            driver and sense resistances.
    """

    sources: Float64[Tensor, " batch"]
    cells: Float64[Tensor, " batch"]
    word_lines: Float64[Tensor, " batch"]
    bit_lines: Float64[Tensor, " batch"]
    drivers: Float64[Tensor, " batch"]
    amplifiers: Float64[Tensor, " batch"]

    @property
    def dissipated(self) -> Float64[Tensor, " batch"]:
        """All that is taken, W."""
        return self.cells + self.word_lines + self.bit_lines + self.drivers + self.amplifiers


def power(solution: NodalSolution) -> Power:
    """g e^2 in every cell and r i^2 in every resistance; i of a segment is that of the cells beyond it.

    The sense resistances end at ground.
    """
    wires, cells = solution.wires, solution.cell_current
    # Towards the sources and towards the amplifiers: what each segment carries.
    word = cells.flip(2).cumsum(2).flip(2)
    bit = cells.cumsum(1)
    from_sources, into_amplifiers = word[:, :, 0], bit[:, -1]
    return Power(
        sources=(solution.drive * from_sources).sum(1),
        cells=(cells * solution.cell_voltage).sum((1, 2)),
        word_lines=wires.r_word * word.square().sum((1, 2)),
        bit_lines=wires.r_bit * bit.square().sum((1, 2)),
        drivers=wires.r_driver * from_sources.square().sum(1),
        amplifiers=wires.r_sense * into_amplifiers.square().sum(1),
    )
