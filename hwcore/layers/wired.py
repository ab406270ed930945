"""Wires in training: weights as they arrive at the sense amplifiers, exact at the last refresh and followed since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor, nn

from hwcore.layers.cells import CellLayer, cell_layers
from hwcore.layers.contexts import entered
from hwcore.layers.hard_weights import EVERY, HardWeights
from hwcore.mapping import Components
from hwcore.snapshot import Snapshot
from hwcore.spec import Hardware, PairLayout, TileGrid
from hwcore.wires import NO_IDLE, Idle, Wires, layer_transfer

ROUNDING = 1e-9
"""Relative excess over 1 that rounding may give a fraction."""


def arriving(
    g: Components, grid: TileGrid, wires: Wires, layout: PairLayout = "separate", *, idle: Idle = NO_IDLE
) -> tuple[Float64[Tensor, "rows cols"], Float64[Tensor, "rows cols"]]:
    """a = (M_pos + M_neg) / (g_pos + g_neg), the fraction of a pair's current that arrives, and d = M_pos - M_neg.

    M also holds what arrives on side paths, through the cells of other rows and columns. Where that is more than the
    pair itself conducts, M says nothing about the pair: with an on/off ratio of 1e12 the quotient may be a million.
    Such a pair, as one that conducts nothing, has no fraction of its own and takes that of its neighbours: mean a of
    its row times mean a of its column over mean a, of its tile.

    Args:
        g: conductances of the layer, S.
        grid: where the layer is cut.
        wires: resistances, the same in all tiles.
        layout: of the pairs.
        idle: as for `hwcore.wires.layer_transfer`.

    Returns:
        a, without unit, from 0 to 1, and 1 in a tile where no pair has a fraction of its own; d, S.

    Raises:
        ArrayTooLarge: as for `hwcore.wires.layer_transfer`.
    """
    m = layer_transfer(g, grid, wires, layout, idle=idle)
    total, arrived = g.pos + g.neg, m.pos + m.neg
    own = (total > 0) & (arrived <= total * (1 + ROUNDING))
    fraction = torch.where(own, arrived / torch.where(own, total, 1.0), 0.0)
    if not bool(own.all()):
        for rows in grid.row_blocks:
            for cols in grid.col_blocks:
                tile = (slice(*rows), slice(*cols))
                fraction[tile] = _filled(fraction[tile], own[tile])
    return fraction, m.difference


def _filled(fraction: Float64[Tensor, "rows cols"], known: Tensor) -> Float64[Tensor, "rows cols"]:
    if not bool(known.any()):
        return torch.ones_like(fraction)
    mean = float(fraction[known].mean())
    by_row, by_col = (
        torch.where(known.any(axis), fraction.sum(axis) / known.sum(axis).clamp(min=1), mean) for axis in (1, 0)
    )
    guess = by_row[:, None] * by_col / mean if mean > 0 else torch.zeros_like(fraction)
    return torch.where(known, fraction, guess.clamp(max=1.0))


class LayerWires:
    """w' = a w + (d - a w_hard): what arrives of every weight of one layer, in units of the largest weight.

    a and d are those of the hard weights at the last refresh, where w' therefore is d: exactly what the chip's wires
    leave. Between two refreshes a change of a weight arrives with its own fraction a. The gradient flows through a w;
    that a weight also takes voltage from its neighbours counts at the next refresh.

    Args:
        hardware: the description; `array` has the resistances and the layout.
        every: calls in training mode from one refresh to the next; in evaluation mode w' is always exact.

    Raises:
        ValueError: as for `HardWeights`.
    """

    def __init__(self, hardware: Hardware, *, every: int = EVERY) -> None:
        self.array, self.wires = hardware.array, Wires.described(hardware.array)
        self.hard = HardWeights(every)
        self.fraction, self.rest = torch.ones(0), torch.zeros(0)

    def __call__(
        self, layer: CellLayer, weights: Float[Tensor, "*shape"], bias_row: Float[Tensor, " outputs"] | None
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, " outputs"] | None]:
        """Weights and bias row as they arrive.

        Args:
            layer: whose they are.
            weights: (out, ...), noise and all.
            bias_row: the last word line; None: there is none.

        Raises:
            ArrayTooLarge: as for `hwcore.wires.layer_transfer`.
        """
        index = self.hard.changed(layer)
        if index is not None:
            self._refresh(index, layer, weights)
        fraction, rest = (each.to(weights.device, weights.dtype) for each in (self.fraction, self.rest))
        shape, last = weights.shape, layer.word_lines
        arrived = torch.addcmul(rest[:, :last].reshape(shape), fraction[:, :last].reshape(shape), weights)
        return arrived, None if bias_row is None else torch.addcmul(rest[:, last], fraction[:, last], bias_row)

    def of_squares(
        self, layer: CellLayer, weights: Float[Tensor, "*shape"], bias_row: Float[Tensor, " outputs"] | None
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, " outputs"] | None]:
        """a^2 v: what arrives of the variance v of every weight, after the last refresh.

        Args:
            layer: whose they are.
            weights: (out, ...), variances.
            bias_row: of the last word line; None: there is none.
        """
        squares = self.fraction.square().to(weights.device, weights.dtype)
        arrived = squares[:, : layer.word_lines].reshape(weights.shape) * weights
        return arrived, None if bias_row is None else squares[:, layer.word_lines] * bias_row

    def snapshot(self) -> Snapshot:
        """Return fractions and differences of the last refresh."""
        hard = self.hard.snapshot()
        return Snapshot({**hard.tensors, "share": self.fraction, "rest": self.rest}, hard.values)

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the state of a snapshot."""
        self.hard.restore(snapshot)
        self.fraction, self.rest = snapshot.tensors["share"], snapshot.tensors["rest"]

    @torch.no_grad()
    def _refresh(self, index: Int64[Tensor, "outputs rows"], layer: CellLayer, like: Tensor) -> None:
        levels = layer.levels
        array = layer.array_of(index, self.array)
        idle = float(levels.tables.g_pos.min()), float(levels.tables.g_neg.min())
        g, layout = array.on_bit_lines(array.pairs.g), self.array.pair_layout or "separate"
        fraction, difference = arriving(g, array.grid, self.wires, layout, idle=idle)
        if array.second is not None:
            difference = torch.where(array.second[:, None], -difference, difference)
        rest = (difference - fraction * array.pairs.g.difference) / levels.weights.g_reference
        self.fraction, self.rest = (each.T.contiguous().to(like.device, like.dtype) for each in (fraction, rest))


@contextmanager
def wired_weights(network: nn.Module, hardware: Hardware, *, every: int = EVERY) -> Iterator[list[LayerWires]]:
    """Let every layer of cells compute with its weights as they arrive through the wires, inside a `with` block.

    In both modes: the held-out accuracy and the statistics of the normalisation include the wires as well. Without any
    resistance nothing happens.

    Args:
        network: any module with layers of cells inside.
        hardware: the description that they were built from.
        every: steps from one refresh to the next.

    Yields:
        The wires of every layer, for a training that has to go on where it was; none without any resistance.

    Raises:
        ValueError: fewer than one step.
        ArrayTooLarge: with the first product, as for `hwcore.wires.layer_transfer`.
    """
    layers = cell_layers(network)
    wires = [LayerWires(hardware, every=every) for _ in layers]
    if Wires.described(hardware.array).ideal:
        yield []
        return
    with entered(layer.seeing(wires=each) for layer, each in zip(layers, wires, strict=True)):
        yield wires
