"""Bit-serial input: a DAC of one bit, as many cycles as the code has bits, partial sums shifted and added."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float, UInt8
from torch import Tensor


def bit_planes(codes: UInt8[Tensor, "*shape"], bits: int) -> list[UInt8[Tensor, "*shape"]]:
    """Bit k of every code, k = 0 first: what the word lines are driven with in each cycle, full scale or not at all.

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


def bit_serial(
    codes: UInt8[Tensor, "batch rows"],
    bits: int,
    product: Callable[[Float[Tensor, "batch rows"]], Float[Tensor, "batch cols"]],
    dtype: torch.dtype = torch.float64,
) -> Float[Tensor, "batch cols"]:
    """sum_k 2^k P(bit k of the codes) / (2^b - 1): the array once per bit, what it gives shifted and added digitally.

    The unit is that of a product with drives from 0 to 1, code 2^b - 1 being 1: a linear P without an ADC gives what it
    gives of the drives at once. With an ADC inside P every cycle is rounded, and clipped, for itself.

    Args:
        codes: of the inputs, from 0 to 2^b - 1.
        bits: b, 1 to 8.
        product: P: what the tiles give for drives of 0 or 1, conversion and the sum over tiles included.
        dtype: of these drives.

    Raises:
        ValueError: as for `bit_planes`.
    """
    planes = bit_planes(codes, bits)
    total: Tensor = product(planes[0].to(dtype))
    for k, plane in enumerate(planes[1:], start=1):
        total = torch.add(total, product(plane.to(dtype)), alpha=2**k)
    return total.div(2**bits - 1)
