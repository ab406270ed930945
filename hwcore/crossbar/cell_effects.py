"""Effects on what the cells hold, drawn once for each chip: a row for each, in the order in which they act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar.cells import CellPairs, Cells, ChipCells
from hwcore.crossbar.chip_streams import ChipStreams
from hwcore.devices import drift_exponents, program, stuck_at, stuck_cells
from hwcore.mapping import Array, MappedNetwork
from hwcore.spec import EFFECTS, Condition, Drift, Effect, Hardware, Programming, StuckAt


class Bounds(NamedTuple):
    """Smallest and largest conductance of one component, S."""

    g_min: float
    g_max: float


CellEffect = Callable[[Cells, Any, Bounds, torch.Generator], Cells]
"""Cells of a component with the effect: from those before it, its model, the bounds of the component, and the generator
that all components of a chip share."""


def _programmed(cells: Cells, model: Programming, bounds: Bounds, generator: torch.Generator) -> Cells:
    return replace(cells, g=program(cells.g, model, g_max=bounds.g_max, generator=generator))


def _stuck(cells: Cells, model: StuckAt, bounds: Bounds, generator: torch.Generator) -> Cells:
    mask = stuck_cells(cells.g.shape, model, generator=generator)
    held, target = (stuck_at(each, mask, g_min=bounds.g_min, g_max=bounds.g_max) for each in (cells.g, cells.target))
    return Cells(held, target, cells.exponent)


def _drifting(cells: Cells, model: Drift, bounds: Bounds, generator: torch.Generator) -> Cells:
    return replace(cells, exponent=drift_exponents(cells.target, model, generator=generator))


CELL_EFFECTS: Final[Mapping[Effect, CellEffect]] = {
    "programming": _programmed,
    "stuck_at": _stuck,
    "drift": _drifting,
}
"""Every effect that acts on cells, in its order: a cell is written, then stuck, then drifts."""


def draw_cells(network: MappedNetwork, hardware: Hardware, condition: Condition, streams: ChipStreams) -> ChipCells:
    """Draw the cells of one chip: each effect after the other, as `CELL_EFFECTS` has them.

    Args:
        network: what is to be written.
        hardware: has the models; those of effects that the condition does not have are not used.
        condition: its effects count, its time does not.
        streams: of the chip.

    Raises:
        ValueError: conductances that a fitted model was not fitted on.
    """
    chosen = ((effect, EFFECTS[effect].model(hardware)) for effect in CELL_EFFECTS if effect in condition.effects)
    present = [(CELL_EFFECTS[effect], model, streams(effect)) for effect, model in chosen if model is not None]

    def drawn(g: Float64[Tensor, "rows cols"], bounds: Bounds) -> Cells:
        cells = Cells(g, g)
        for with_effect, model, generator in present:
            cells = with_effect(cells, model, bounds, generator)
        return cells

    pos, neg = Bounds(network.g_min_pos, network.g_max_pos), Bounds(network.g_min_neg, network.g_max_neg)

    def pairs(array: Array) -> CellPairs:
        return CellPairs(drawn(array.pairs.g_pos, pos), drawn(array.pairs.g_neg, neg))

    # Layer after layer, array after array, and in each the positive components first: the order of the streams.
    return {layer.name: tuple(map(pairs, layer.arrays)) for layer in network.layers}
