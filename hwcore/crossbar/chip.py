"""One chip as its outputs see it: for every array a matrix, the noise of its products, and its converters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.crossbar.read_draws import ReadDraws
from hwcore.digital import DigitalNodes, SumRegisters
from hwcore.mapping import MappedNetwork


@dataclass(frozen=True, eq=False)
class Converters:
    """The ADCs of an array, one for every column of every tile.

    Attributes:
        bits: of each.
        full_scale: largest code, drive times S, from 0; a row for every row of tiles.
    """

    bits: int
    full_scale: Float[Tensor, "row_blocks cols"]


@dataclass(frozen=True, eq=False)
class ColumnCalibration:
    """gain_j I_j + offset_j: digital correction of the currents I_j of a layer, after tiles and arrays are added.

    Attributes:
        gain: without unit, of any sign.
        offset: drive times S.
    """

    gain: Float[Tensor, " cols"]
    offset: Float[Tensor, " cols"]

    def __call__(self, current: Float[Tensor, "products cols"]) -> Float[Tensor, "products cols"]:
        """The currents, calibrated."""
        return torch.addcmul(self.offset, current, self.gain)

    def to(self, dtype: torch.dtype) -> ColumnCalibration:
        """The same in another precision."""
        return ColumnCalibration(self.gain.to(dtype), self.offset.to(dtype))


@dataclass(frozen=True, eq=False)
class ChipArray:
    """One array of one chip: everything between the drives of its word lines and its digital currents.

    Attributes:
        g_difference: current of a pair of bit lines over the drive of a word line, S: g_pos - g_neg, or with wires the
            difference of their transfer matrices; rows = word lines and cols = bit lines.
        read_variance: variance of that from product to product, S^2; None: reads are exact.
        converters: None: currents are read exactly.
        factor: digital factor on the outputs of every column of every tile; None: 1.
    """

    g_difference: Float[Tensor, "rows cols"]
    read_variance: Float[Tensor, "rows cols"] | None = None
    converters: Converters | None = None
    factor: Float[Tensor, "row_blocks cols"] | None = None

    def to(self, dtype: torch.dtype) -> ChipArray:
        """The same in another precision."""
        converters = self.converters
        if converters is not None:
            converters = Converters(converters.bits, converters.full_scale.to(dtype))
        return ChipArray(
            self.g_difference.to(dtype),
            None if self.read_variance is None else self.read_variance.to(dtype),
            converters,
            None if self.factor is None else self.factor.to(dtype),
        )


@dataclass(frozen=True, eq=False)
class ChipLayer:
    """The arrays of a layer on one chip, and what is done with the sum of their currents.

    Attributes:
        arrays: in the order of the mapped layer's.
        calibration: of the columns on this chip; None: there is none.
        registers: of the digital side, the calibration included; None: it computes exactly.
    """

    arrays: tuple[ChipArray, ...]
    calibration: ColumnCalibration | None = None
    registers: SumRegisters | None = None

    @property
    def linear(self) -> bool:
        """True where nothing is rounded and nothing drawn: the product of a sum is the sum of the products."""
        return all(array.converters is None and array.read_variance is None for array in self.arrays)

    def measured(self) -> ChipLayer:
        """The layer as its calibration measures it: read without noise, nothing corrected yet."""
        return ChipLayer(tuple(replace(array, read_variance=None) for array in self.arrays))

    def to(self, dtype: torch.dtype) -> ChipLayer:
        """The same in another precision."""
        calibration = None if self.calibration is None else self.calibration.to(dtype)
        return ChipLayer(tuple(array.to(dtype) for array in self.arrays), calibration, self.registers)


@dataclass(frozen=True, eq=False)
class Chip:
    """The layers of one chip, and where the noise of its products comes from.

    Attributes:
        layers: by name, in the order of the network's.
        reads: source of read noise; None: there is none.
        nodes: digital nodes in whole numbers; None: they compute exactly, as where one layer alone has registers.
    """

    layers: Mapping[str, ChipLayer]
    reads: ReadDraws | None = None
    nodes: DigitalNodes | None = None

    @property
    def registers(self) -> Mapping[str, SumRegisters]:
        """Registers of the layers whose digital side computes in whole numbers, by name."""
        return {name: layer.registers for name, layer in self.layers.items() if layer.registers is not None}

    def arrays(self) -> Iterator[ChipArray]:
        """All arrays, layer after layer."""
        for layer in self.layers.values():
            yield from layer.arrays

    @property
    def dtype(self) -> torch.dtype:
        """Precision of its currents."""
        return next(self.arrays()).g_difference.dtype

    def to(self, dtype: torch.dtype) -> Chip:
        """The same in another precision."""
        return Chip({name: layer.to(dtype) for name, layer in self.layers.items()}, self.reads, self.nodes)


def as_designed(network: MappedNetwork) -> Chip:
    """The chip on which every cell has the conductance of its level, without wires and with exact converters."""
    return Chip(
        {
            layer.name: ChipLayer(tuple(ChipArray(array.pairs.g.difference) for array in layer.arrays))
            for layer in network.layers
        }
    )
