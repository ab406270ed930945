"""Charge-trap memory (SONOS) in 40 nm, read below its threshold: 128 K cells, programmed to a current.

Source: V. Agrawal et al. 2022 (IEDM), doi:10.1109/IEDM45625.2022.10019564, Fig. 10(a) and 11(b), in the fits of
Sandia's CrossSim (SONOS). Range of the fits: 0 to 1600 nA. The drift of the mean that the paper reports as well
(Fig. 10(b)) is not part of it: after five days the *spread* is that of five days, the mean still the target.

The device is published in currents. A conductance stands for the current that the cell lets through at the read
voltage, I = g V: one voltage for all cells, as in the paper, so the conversion is a factor.
"""

from __future__ import annotations

from typing import Final

import torch
from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.fitted_range import within_fit
from hwcore.spec import SonosAgrawal2022Programming, SonosAgrawal2022Read

PROGRAMMING: Final = {"0_days": (19.887e-9, 176.31e-9), "5_days": (34.579e-9, 207.34e-9)}
"""A and B, both in ampere."""
READ: Final = (12.58037e-9, 215.36557e-9)
"""Of the read noise, in ampere; CrossSim's."""


def programming_sigma(g: Float64[Tensor, "*shape"], model: SonosAgrawal2022Programming) -> Float64[Tensor, "*shape"]:
    """sigma_I = A (1 - exp(-I / B)), I = g V, sigma = sigma_I / V.

    Args:
        g: what is to be written, S, from 0 to 1600 nA / V.
        model: read voltage V, V, and when the cells were read.

    Raises:
        ValueError: currents outside of the fit.
    """
    a, b = PROGRAMMING[model.after]
    current = within_fit(g, model) * model.read_voltage
    return -a * torch.expm1(-current / b) / model.read_voltage


def read_sigma(
    g: Float64[Tensor, "*chips_shape"], g_target: Float64[Tensor, "*shape"], model: SonosAgrawal2022Read
) -> Float64[Tensor, "*chips_shape"]:
    """sigma_I = A (1 - exp(-I / B)) with another A and B, I = g V, sigma = sigma_I / V; Fig. 11(b).

    Args:
        g: what the cells hold now, S.
        g_target: what was to be written, S, from 0 to 1600 nA / V.
        model: read voltage V, V.

    Raises:
        ValueError: targets whose currents are outside of the fit.
    """
    within_fit(g_target, model)
    a, b = READ
    return -a * torch.expm1(-g * model.read_voltage / b) / model.read_voltage
