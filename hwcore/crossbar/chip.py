"""One chip as its outputs see it: for every layer a matrix, the noise of its products, and its converters."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.crossbar.read_draws import ReadDraws
from hwcore.mapping import MappedNetwork


@dataclass(frozen=True, eq=False)
class Converters:
    """The ADCs of a layer, one for every column of every tile.

    Attributes:
        bits: of each.
        full_scale: largest code, drive times S, from 0; a row for every row of tiles.
    """

    bits: int
    full_scale: Float[Tensor, "row_blocks cols"]


@dataclass(frozen=True, eq=False)
class ColumnCalibration:
    """What the digital side makes of the currents I_j of a layer, after its tiles are added: gain_j I_j + offset_j.

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
class ChipLayer:
    """What becomes of the drives of a layer until they are added up.

    Attributes:
        g_difference: current of a pair of bit lines over the drive of a word line, S: g_pos - g_neg, or with wires the
            difference of their transfer matrices; rows = word lines and cols = bit lines.
        read_variance: variance of that from product to product, S^2; None: reads are exact.
        converters: None: currents are read exactly.
        factor: what the digital side multiplies the outputs of every column of every tile by; None: 1.
        input_bits: the inputs come bit by bit, so many of them; None: all at once.
        calibration: of its columns on this chip; None: there is none.
    """

    g_difference: Float[Tensor, "rows cols"]
    read_variance: Float[Tensor, "rows cols"] | None = None
    converters: Converters | None = None
    factor: Float[Tensor, "row_blocks cols"] | None = None
    input_bits: int | None = None
    calibration: ColumnCalibration | None = None

    def to(self, dtype: torch.dtype) -> ChipLayer:
        """The same in another precision."""
        converters = self.converters
        if converters is not None:
            converters = Converters(converters.bits, converters.full_scale.to(dtype))
        return ChipLayer(
            self.g_difference.to(dtype),
            None if self.read_variance is None else self.read_variance.to(dtype),
            converters,
            None if self.factor is None else self.factor.to(dtype),
            self.input_bits,
            None if self.calibration is None else self.calibration.to(dtype),
        )


@dataclass(frozen=True, eq=False)
class Chip:
    """Its layers from input to output, and where the noise of its products comes from.

    Attributes:
        layers: in the order of the network's.
        reads: source of read noise; None: there is none.
    """

    layers: tuple[ChipLayer, ...]
    reads: ReadDraws | None = None

    @property
    def dtype(self) -> torch.dtype:
        """In which its currents are computed."""
        return self.layers[0].g_difference.dtype

    def to(self, dtype: torch.dtype) -> Chip:
        """The same in another precision."""
        return Chip(tuple(layer.to(dtype) for layer in self.layers), self.reads)


def as_designed(network: MappedNetwork) -> Chip:
    """The chip on which every cell has the conductance of its level, without wires and with exact converters."""
    return Chip(tuple(ChipLayer(layer.g_pos - layer.g_neg) for layer in network.layers))
