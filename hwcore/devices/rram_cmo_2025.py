"""Resistive memory, conductive metal oxide on HfOx in 130 nm, written and verified to a share of the target.

Source: D. F. Falcone et al. 2025, arXiv:2502.04524; the coefficients are those of IBM's aihwkit (ReRamCMONoiseModel).
Range of the fits: 9 to 88.2 uS. The relaxation after the write, which the paper reports as well, is not part of it.
"""

from __future__ import annotations

from typing import Final

from jaxtyping import Float64
from torch import Tensor

from hwcore.devices.fitted_range import within_fit
from hwcore.devices.polynomial import polynomial
from hwcore.spec import RramCmo2025Programming

PROGRAMMING: Final = {
    "0.2_percent": (0.00081107, 0.00106879),
    "2_percent": (0.01121854, 0.01129027),
}
"""uS, of powers of g in uS."""


def programming_sigma(g: Float64[Tensor, "*shape"], model: RramCmo2025Programming) -> Float64[Tensor, "*shape"]:
    """sigma = 0.00106879 G + 0.00081107 uS (0.2 % acceptance) or 0.01129027 G + 0.01121854 uS (2 %), G in uS.

    Args:
        g: what is to be written, S, from 9 to 88.2 uS.
        model: the acceptance.

    Raises:
        ValueError: conductances outside of the fit.
    """
    return 1e-6 * polynomial(within_fit(g, model) * 1e6, PROGRAMMING[model.acceptance])
