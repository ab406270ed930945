"""Inputs left out at random."""

from __future__ import annotations

import torch
from jaxtyping import Integer
from torch import Tensor

from hwcore.streams import random_bytes

OF = 256
"""Denominator of a share of inputs: a random byte decides over each input."""


def dropped(
    codes: Integer[Tensor, "batch pixels"], share: float, generator: torch.Generator
) -> tuple[Integer[Tensor, "batch pixels"], float]:
    """x_i = m_i c_i / (1 - p) with P(m_i = 0) = p: some inputs of every image left out, and the others made up for it.

    Args:
        codes: of the DAC.
        share: p, from 0 to 0.9; rounded to 1/256.
        generator: source of m, on the CPU.

    Returns:
        m c, and the factor 1 / (1 - p) that goes with the LSB.

    Source: N. Srivastava et al. 2014, Dropout, J. Mach. Learn. Res. 15, 1929.
    """
    out = round(share * OF)
    kept = random_bytes(tuple(codes.shape), generator) >= out
    return codes * kept.to(codes.device), OF / (OF - out)
