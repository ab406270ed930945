"""Read noise: an error of every cell that is drawn anew at every product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.draw import Chips, standard_normal
from hwcore.devices.fitted_range import within_fit
from hwcore.devices.flicker import flicker_ratio
from hwcore.devices.saturating import saturating_sigma
from hwcore.spec import AdditiveRead, FlickerFit, ProportionalRead, Published, Read, SaturatingFit

Sigma = Callable[[Tensor, Tensor, Any, Published, float], Tensor]
"""Function of conductances now, S, targets, S, a fit, the model that has its parameters, and the time, s."""


def _flicker(g: Tensor, target: Tensor, fit: FlickerFit, model: Published, t: float) -> Tensor:
    return g * flicker_ratio(target, fit, model, t=t)


def _saturating(g: Tensor, target: Tensor, fit: SaturatingFit, model: Published, t: float) -> Tensor:
    return saturating_sigma(g, fit, model)


PUBLISHED_SIGMA: Final[Mapping[type, Sigma]] = {FlickerFit: _flicker, SaturatingFit: _saturating}
"""Standard deviation of a read of a published device, by the kind of its fit."""


def read_sigma(
    g: Float64[Tensor, "*chips_shape"], model: Read, *, g_target: Float64[Tensor, "*shape"], g_max: float, t: float
) -> Float64[Tensor, "*chips_shape"]:
    """Standard deviation of a cell from product to product. additive: m g_max. proportional: m g. Else its fit.

    Args:
        g: what the cells hold now, S; of one chip, or of many with the chips in front.
        model: its kind and parameters.
        g_target: what was to be written, S, the same for all chips; a published device goes by it.
        g_max: largest conductance of the component, S; it scales the additive noise and nothing else.
        t: time since the write, s; the 1/f noise of a phase-change memory grows with it.

    Returns:
        S, from 0.

    Raises:
        ValueError: targets that a fitted model was not fitted on, or a time before its first.
    """
    match model:
        case AdditiveRead():
            return torch.full_like(g, model.sigma_ratio * g_max)
        case ProportionalRead():
            return model.sigma_ratio * g
        case _:
            fit, target = model.fit, within_fit(g_target, model)
            return PUBLISHED_SIGMA[type(fit)](g, target, fit, model, t)


def read(
    g: Float64[Tensor, "*chips_shape"],
    model: Read,
    *,
    g_target: Float64[Tensor, "*shape"],
    g_max: float,
    t: float,
    generator: Chips,
) -> Float64[Tensor, "*chips_shape"]:
    """g + sigma xi, xi ~ N(0, 1): what one product sees, S. For many products, `hwcore.crossbar.read_current_sigma`.

    Args:
        g: as for `read_sigma`.
        model: as for `read_sigma`; m = 0 gives g itself.
        g_target: as for `read_sigma`.
        g_max: as for `read_sigma`.
        t: as for `read_sigma`.
        generator: source of xi, on the CPU; a list of them where the chips stand in front of g, one for each.

    Raises:
        ValueError: as for `read_sigma`.
    """
    sigma = read_sigma(g, model, g_target=g_target, g_max=g_max, t=t)
    shape = g.shape if isinstance(generator, torch.Generator) else g.shape[1:]
    return standard_normal(shape, generator).mul_(sigma).add_(g)
