"""One layer of one chip under one condition: what its cells hold by then, its converters, its noise."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar.cells import CellPairs
from hwcore.crossbar.chip import ChipArray, ChipLayer, Converters
from hwcore.crossbar.chip_cache import ChipCache
from hwcore.crossbar.shared import Matrix, PerTile, Shared
from hwcore.devices import compensation_factor, read_sigma
from hwcore.mapping import Array, Components, MappedLayer
from hwcore.spec import Compensation, Condition, Drift, TileGrid

LayerCells = tuple[CellPairs, ...]
"""Cells of every array of a layer."""


def chip_layer(
    shared: Shared, layer: MappedLayer, cells: LayerCells, condition: Condition, cache: ChipCache
) -> ChipLayer:
    """A layer of one chip, before it is calibrated.

    Args:
        shared: what all chips have in common.
        layer: which layer.
        cells: its cells on this chip.
        condition: effects and time.
        cache: of this chip.

    Raises:
        ValueError: a time before the first of a model, or conductances that a fitted model was not fitted on.
        ArrayTooLarge: the wires of such arrays do not fit into memory.
    """
    effects, hardware = condition.effects, shared.hardware
    absent = (None,) * len(layer.arrays)
    drift = _drift(shared, condition)
    seen = _seen_at(condition.seconds, shared, layer, cells, condition, cache)
    factors: tuple[PerTile | None, ...] = absent
    if drift is not None and condition.compensated and drift.compensation != "none":
        first = _seen_at(drift.t0, shared, layer, cells, condition, cache)
        drives = shared.drives("wires" in effects)[layer.name]
        factors = tuple(
            _tile_factors(drives, before, now, array.grid, drift.compensation)
            for array, before, now in zip(layer.arrays, first, seen, strict=True)
        )
    converters: tuple[Converters | None, ...] = absent
    if "adc" in effects and hardware.adc is not None and hardware.adc.bits is not None:
        bits, ranges = hardware.adc.bits, shared.ranges("wires" in effects)[layer.name]
        converters = tuple(Converters(bits, full_scale) for full_scale in ranges)
    variances = _read_variances(shared, layer, cells, condition) if "read" in effects else absent
    parts = zip(seen, variances, converters, factors, strict=True)
    return ChipLayer(tuple(ChipArray(*each) for each in parts))


def _drift(shared: Shared, condition: Condition) -> Drift | None:
    return shared.hardware.noise.drift if "drift" in condition.effects else None


def _seen_at(
    seconds: float, shared: Shared, layer: MappedLayer, cells: LayerCells, condition: Condition, cache: ChipCache
) -> tuple[Matrix, ...]:
    """What the outputs see of the cells at one time: their difference, through the wires if there are any."""
    drift = _drift(shared, condition)
    key = layer.name, 0.0 if drift is None else seconds
    if key not in cache.seen:
        now = [pairs.at(seconds, drift) for pairs in cells]
        if "wires" not in condition.effects:
            cache.seen[key] = tuple(g.difference for g in now)
        elif all(map(_is_designed, layer.arrays, now)):
            cache.seen[key] = shared.through_wires()[layer.name]
        else:
            cache.seen[key] = tuple(map(shared.arriving, layer.arrays, now))
    return cache.seen[key]


def _is_designed(array: Array, g: Components) -> bool:
    """True where the cells hold their levels: nothing of them was drawn."""
    return g.pos is array.pairs.g_pos and g.neg is array.pairs.g_neg


def _tile_factors(
    drives: Float64[Tensor, "products rows"],
    first: Float64[Tensor, "rows cols"],
    now: Float64[Tensor, "rows cols"],
    grid: TileGrid,
    rule: Compensation,
) -> Float64[Tensor, "row_blocks cols"]:
    """Factor of each column of each tile that makes its mean response that of the first time."""
    rows = []
    for start, stop in grid.row_blocks:
        before, after = (drives[:, start:stop] @ seen[start:stop] for seen in (first, now))
        tiles = [
            compensation_factor(before[:, left:right], after[:, left:right], rule) for left, right in grid.col_blocks
        ]
        rows.append(torch.cat(tiles))
    return torch.stack(rows)


def _read_variances(
    shared: Shared, layer: MappedLayer, cells: LayerCells, condition: Condition
) -> tuple[Float64[Tensor, "_rows _cols"], ...]:
    """sum over both components of (a_ij sigma_ij)^2, S^2; a_ij is 1 without wires (`wire_sensitivity`)."""
    model, network = shared.hardware.noise.read, shared.network
    if model is None:
        raise ValueError("hardware.noise.read: got null; allowed: a model of read noise, where reads are noisy")
    wired, drift = "wires" in condition.effects, _drift(shared, condition)
    found = []
    for number, pairs in enumerate(cells):
        g, seen = pairs.at(condition.seconds, drift), shared.sensitivity()[layer.name][number] if wired else None
        variance = torch.zeros_like(g.pos)
        for held, side, g_max, share in (
            (g.pos, pairs.pos, network.g_max_pos, None if seen is None else seen.pos),
            (g.neg, pairs.neg, network.g_max_neg, None if seen is None else seen.neg),
        ):
            sigma = read_sigma(held, model, g_target=side.target, g_max=g_max, t=condition.seconds)
            variance += (sigma if share is None else sigma * share).square()
        found.append(variance)
    return tuple(found)
