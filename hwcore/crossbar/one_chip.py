"""One layer of one chip under one condition: what its outputs see of the cells, and the effects on its products."""

from __future__ import annotations

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar.chip import ChipArray, ChipLayer
from hwcore.crossbar.chip_cache import ChipCache
from hwcore.crossbar.digital_side import read_out
from hwcore.crossbar.grouped_product import block_drives, grouped_product
from hwcore.crossbar.product_effects import with_product_effects
from hwcore.crossbar.shared import Matrix, PerTile
from hwcore.crossbar.site import Site
from hwcore.devices import compensation_factor
from hwcore.mapping import Array, Components
from hwcore.spec import Compensation, Drift, TileGrid


def chip_layer(site: Site, cache: ChipCache) -> ChipLayer:
    """A layer of one chip, before it is calibrated.

    Args:
        site: layer, cells, effects and time.
        cache: of the chip.

    Raises:
        ValueError: a time before the first of a model, or conductances that a fitted model was not fitted on.
        ArrayTooLarge: the wires of such arrays do not fit into memory.
    """
    seen = _seen_at(site.condition.seconds, site, cache)
    drift = site.drift
    factors: tuple[PerTile | None, ...] = (None,) * len(seen)
    if drift is not None and site.condition.compensation(site.shared.hardware) != "none":
        factors = _factors(site, drift, _seen_at(drift.t0, site, cache), seen)
    arrays = tuple(ChipArray(each, factor=factor) for each, factor in zip(seen, factors, strict=True))
    arrays = with_product_effects(arrays, site)
    shared, layer = site.shared, site.layer
    if "digital" in site.condition.effects and shared.hardware.digital is not None:
        arrays = read_out(arrays, layer, shared.drives(site.wired)[layer.name], shared.drive_max(layer))
    return ChipLayer(arrays)


def _seen_at(seconds: float, site: Site, cache: ChipCache) -> tuple[Matrix, ...]:
    """Matrices that the outputs see at one time, S: differences of the cells, through the wires if there are any."""
    layer, shared = site.layer, site.shared
    key = layer.name, 0.0 if site.drift is None else seconds
    if key not in cache.seen:
        held = site.held(seconds)
        if not site.wired:
            cache.seen[key] = tuple(g.difference for g in held)
        elif all(map(_is_designed, layer.arrays, held)):
            cache.seen[key] = shared.through_wires()[layer.name]
        else:
            cache.seen[key] = tuple(map(shared.arriving, layer.arrays, held))
    return cache.seen[key]


def _is_designed(array: Array, g: Components) -> bool:
    """True where the cells hold their levels: nothing of them was drawn."""
    return g.pos is array.pairs.g_pos and g.neg is array.pairs.g_neg


def _factors(site: Site, drift: Drift, first: tuple[Matrix, ...], now: tuple[Matrix, ...]) -> tuple[PerTile, ...]:
    """Factors against drift of every array, from what the outputs saw when it began and what they see now."""
    drives = site.shared.drives(site.wired)[site.layer.name]
    return tuple(
        _tile_factors(drives, before, after, array.grid, drift.compensation)
        for array, before, after in zip(site.layer.arrays, first, now, strict=True)
    )


def _tile_factors(
    drives: Float64[Tensor, "products drives"],
    first: Float64[Tensor, "rows cols"],
    now: Float64[Tensor, "rows cols"],
    grid: TileGrid,
    rule: Compensation,
) -> Float64[Tensor, "row_blocks cols"]:
    """Factor of each column of each tile that makes its mean response that of the first time."""
    rows = []
    for start, stop in grid.row_blocks:
        part = block_drives(drives, (start, stop), grid.groups)
        before, after = (grouped_product(part, seen[start:stop], grid.groups) for seen in (first, now))
        tiles = [
            compensation_factor(before[:, left:right], after[:, left:right], rule) for left, right in grid.col_blocks
        ]
        rows.append(torch.cat(tiles))
    return torch.stack(rows)
