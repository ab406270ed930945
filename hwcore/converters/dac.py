"""The DAC in front of the first layer."""

from __future__ import annotations

import numpy as np
from jaxtyping import Integer, UInt8


def dac_code(pixels: Integer[np.ndarray, "*shape"], full_scale: int, bits: int | None) -> UInt8[np.ndarray, "*shape"]:
    """Code of the first DAC: floor(p (2^b - 1) / full_scale + 1/2), in whole numbers: no float decides a tie.

    Args:
        pixels: whole numbers from 0 to full_scale.
        full_scale: the largest pixel, 1 to 255.
        bits: b, 1 to 8; None: the pixels themselves are the codes.

    Returns:
        Codes; the voltage of a code is `dac_lsb` times the code.
    """
    if bits is None:
        return pixels.astype(np.uint8)
    steps = 2**bits - 1
    # One code per possible pixel, then a lookup: a dataset is never widened beyond a byte per pixel.
    code_of = ((2 * steps * np.arange(full_scale + 1) + full_scale) // (2 * full_scale)).astype(np.uint8)
    codes: UInt8[np.ndarray, "*shape"] = code_of[pixels]
    return codes


def dac_lsb(full_scale: int, bits: int | None) -> float:
    """Input of code 1; the largest code is the input 1."""
    return 1.0 / (full_scale if bits is None else 2**bits - 1)
