"""Bits of DAC codes: what the word lines are driven with in each cycle of a bit-serial product."""

from __future__ import annotations

from jaxtyping import UInt8
from torch import Tensor


def bit_planes(codes: UInt8[Tensor, "*shape"], bits: int) -> list[UInt8[Tensor, "*shape"]]:
    """Bit k of every code, k = 0 first: full scale or not at all.

    Args:
        codes: from 0 to 2^b - 1.
        bits: b, 1 to 8.

    Raises:
        ValueError: another number of bits, or a code that has more.
    """
    if not 1 <= bits <= 8:
        raise ValueError(f"bits: got {bits}; allowed: a whole number from 1 to 8")
    if codes.numel() and int(codes.max()) >> bits:
        raise ValueError(f"codes: got {int(codes.max())}; allowed: 0 to {2**bits - 1} with {bits} bits")
    return [(codes >> k) & 1 for k in range(bits)]
