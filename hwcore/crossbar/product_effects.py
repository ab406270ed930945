"""Effects on the products of arrays: a row for each, in the order in which an array of a chip gets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.crossbar.cells import CellPairs
from hwcore.crossbar.chip import ChipArray, Converters
from hwcore.crossbar.site import Site
from hwcore.devices import read_sigma
from hwcore.mapping import Components
from hwcore.spec import EFFECTS, Adc, Effect, Read

Arrays = tuple[ChipArray, ...]
"""Arrays of one layer of a chip."""
ProductEffect = Callable[[Arrays, Any, Site], Arrays]
"""Arrays with the effect, from those before it, its model and the place where it acts."""


def _converted(arrays: Arrays, model: Adc, site: Site) -> Arrays:
    """Give every column of every tile its converter, with the range that all chips share."""
    if model.bits is None:
        raise ValueError("hardware.adc.bits: got null; allowed: a number of bits, where products are converted")
    converters = [Converters(model.bits, each) for each in site.shared.ranges(site.wired)[site.layer.name]]
    return tuple(replace(array, converters=each) for array, each in zip(arrays, converters, strict=True))


def _read(arrays: Arrays, model: Read, site: Site) -> Arrays:
    """Give every product its read noise; through wires, the share of it that arrives (`wire_sensitivity`)."""
    sensitivity = site.shared.sensitivity()[site.layer.name] if site.wired else (None,) * len(arrays)
    parts = zip(site.cells, site.held(site.condition.seconds), sensitivity, strict=True)
    variances = [_variance(model, pairs, g, share, site) for pairs, g, share in parts]
    return tuple(replace(array, read_variance=each) for array, each in zip(arrays, variances, strict=True))


def _variance(
    model: Read, pairs: CellPairs, g: Components, sensitivity: Components | None, site: Site
) -> Float64[Tensor, "_rows _cols"]:
    """sum over both components of (a_ij sigma_ij)^2, S^2; a_ij is the sensitivity to the cell, without wires 1."""
    network = site.shared.network
    variance = torch.zeros_like(g.pos)
    for held, cells, g_max, share in (
        (g.pos, pairs.pos, network.g_max_pos, None if sensitivity is None else sensitivity.pos),
        (g.neg, pairs.neg, network.g_max_neg, None if sensitivity is None else sensitivity.neg),
    ):
        sigma = read_sigma(held, model, g_target=cells.target, g_max=g_max, t=site.condition.seconds)
        variance += (sigma if share is None else sigma * share).square()
    return variance


PRODUCT_EFFECTS: Final[Mapping[Effect, ProductEffect]] = {
    "adc": _converted,
    "read": _read,
}
"""Every effect that acts on products; wires are in the matrices that the outputs see (`chip_layer`)."""


def with_product_effects(arrays: Arrays, site: Site) -> Arrays:
    """The arrays of a layer with every effect of the condition that the description has."""
    for effect, changed in PRODUCT_EFFECTS.items():
        model = EFFECTS[effect].model(site.shared.hardware)
        if effect in site.condition.effects and model is not None:
            arrays = changed(arrays, model, site)
    return arrays
