"""The DAC in front of the first layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Integer

LOOKED_UP = 1 << 20
"""Values that are looked up at once, so that a dataset is never widened beyond its codes."""


def dac_code(
    values: Integer[np.ndarray, "*shape"], full_scale: int, bits: int | None, *, signed: bool = False
) -> Integer[np.ndarray, "*shape"]:
    """Code of the first DAC: floor(p k / full_scale + 1/2), in whole numbers: no float decides a tie.

    The largest code k is 2^b - 1; of signed values 2^(b-1) - 1, and the code of -p is that of p with the other sign.

    Args:
        values: whole numbers p from 0 to full_scale; signed from -full_scale.
        full_scale: the largest value, 1 to 65,535.
        bits: b, 1 to 8, signed 2 to 8; None: the values themselves are the codes.
        signed: whether values have both signs.

    Returns:
        Codes; the drive of a code is `dac_lsb` times the code. A byte each, but for values that are codes themselves.
    """
    if bits is None:
        return values.astype(_smallest(full_scale, signed), copy=False)
    steps = largest_input_code(full_scale, bits, signed=signed)
    lowest = -full_scale if signed else 0
    # One code per possible value, then a lookup.
    possible = np.arange(lowest, full_scale + 1)
    sizes = (2 * steps * np.abs(possible) + full_scale) // (2 * full_scale)
    code_of = (np.sign(possible) * sizes).astype(_smallest(steps, signed))
    flat, codes = values.reshape(-1), np.empty(values.size, dtype=code_of.dtype)
    for first in range(0, len(flat), LOOKED_UP):
        part = flat[first : first + LOOKED_UP].astype(np.int64) - lowest
        if part.min() < 0:
            raise IndexError(f"values: got {int(part.min()) + lowest}; allowed: {lowest} to {full_scale}")
        codes[first : first + LOOKED_UP] = code_of[part]
    return codes.reshape(values.shape)


def dac_lsb(full_scale: int, bits: int | None, *, signed: bool = False) -> float:
    """Input of code 1; the largest code is the input 1. Arguments as for `dac_code`."""
    return 1.0 / largest_input_code(full_scale, bits, signed=signed)


def largest_input_code(full_scale: int, bits: int | None, *, signed: bool = False) -> int:
    """k: the full scale where values are codes, else 2^b - 1, signed 2^(b-1) - 1.

    Raises:
        ValueError: one bit for both signs and zero.
    """
    if bits is None:
        return full_scale
    if signed and bits < 2:
        raise ValueError(f"bits: got {bits}; allowed: 2 to 8 for inputs of both signs")
    return int(2 ** (bits - 1) - 1 if signed else 2**bits - 1)


def _smallest(largest: int, signed: bool) -> type[np.integer[Any]]:
    """The smallest type that torch computes with for codes up to `largest`, and down to -largest - 1 if signed."""
    if signed:
        # A full scale of 128 is that of values from -128 to 127.
        return np.int8 if largest <= 128 else np.int16 if largest <= 1 << 15 else np.int32
    return np.uint8 if largest <= 255 else np.int32
