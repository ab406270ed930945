"""Resistive memory, HfO2 in a 4 kbit array, written by the gate-controlled algorithm of the paper (IGVVA-100).

Source: V. Milo et al. 2021 (IRPS), doi:10.1109/IRPS46558.2021.9405119, Fig. 4, in the linear
fit of Sandia's CrossSim (RRAMMilo). Range of the fit: 50 to 225 uS.
"""

from __future__ import annotations

from typing import Final

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.fitted_range import within_fit
from hwcore.devices.polynomial import polynomial
from hwcore.spec import RramMilo2021Programming

PROGRAMMING: Final = (4.782321, -0.009107)
"""uS, of powers of g in uS."""


def programming_sigma(g: Float64[Tensor, "*shape"], model: RramMilo2021Programming) -> Float64[Tensor, "*shape"]:
    """sigma = 4.782321 - 0.009107 G uS, G in uS.

    Args:
        g: what is to be written, S, from 50 to 225 uS.
        model: has no parameters.

    Raises:
        ValueError: conductances outside of the fit.
    """
    return 1e-6 * polynomial(within_fit(g, model) * 1e6, PROGRAMMING)
