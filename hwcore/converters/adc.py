"""The ADC at the end of every bit line: rounding to the codes of a range, and what the range cuts off.

Mid-tread: zero is a code. An array without input, a column without cells and the difference of two like columns give
exactly nothing, however many tiles are added; a mid-rise converter, whose codes lie half a step to either side of zero,
would add half an LSB for each of them. The price is one code: b bits have 2^b - 1 of them, k LSB with
|k| <= 2^(b-1) - 1, so a signed converter takes two bits at least. A converter of one column, whose current has one
sign, uses all 2^b.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

TIE = 1e-9
"""Steps: currents so close below the middle between two codes go up. With few levels exact ties are common, and the
last bit of a sum, which depends on its order, must not decide them. In float32 it is below the last digit."""


@dataclass(frozen=True, eq=False)
class Converted:
    """Converted currents, as the digital side gets them.

    Attributes:
        current: code times LSB, the unit of what was converted.
        clipped: how many of the batch lay beyond the last code by more than half an LSB, of every column.
    """

    current: Float[Tensor, "*tiles batch cols"]
    clipped: Int64[Tensor, "*tiles cols"]


def adc(
    current: Float[Tensor, "*tiles batch cols"],
    full_scale: Float[Tensor, "*tiles cols"],
    bits: int | None,
    *,
    signed: bool = True,
) -> Converted:
    """LSB clip(floor(I / LSB + 1/2), -k_max, k_max): the nearest code, ties up.

    LSB = full_scale / k_max with k_max = 2^(b-1) - 1. Unsigned: codes from 0 to k_max = 2^b - 1.
    Within the range the error is at most LSB/2.

    Args:
        current: of every column of every tile, A, or A over the read voltage.
        full_scale: largest code of each of them, same unit, from 0. At 0 a column reads 0.
        bits: b; None: ideal, the current itself.
        signed: whether the current of a pair is converted, or that of one column.

    Returns:
        The currents as converted, and how many were clipped.

    Raises:
        ValueError: too few bits for a code beside zero.
    """
    clipped = torch.zeros(full_scale.shape, dtype=torch.int64, device=current.device)
    if bits is None:
        return Converted(current, clipped)
    code, lsb = adc_codes(current, full_scale, bits, signed=signed, clipped=clipped)
    return Converted(code * lsb, clipped)


def adc_codes(
    current: Float[Tensor, "*tiles batch cols"],
    full_scale: Float[Tensor, "*tiles cols"],
    bits: int,
    *,
    signed: bool = True,
    clipped: Int64[Tensor, "*tiles cols"] | None = None,
) -> tuple[Float[Tensor, "*tiles batch cols"], Float[Tensor, "*tiles 1 cols"]]:
    """clip(floor(I / LSB + 1/2), -k_max, k_max) and the LSB, for callers that multiply by something else as well.

    Args:
        current: as for `adc`, as are full_scale and signed.
        full_scale: largest code, from 0.
        bits: b.
        signed: a pair, or one column.
        clipped: the number of conversions beyond the last code is added to it; None: they are not counted, which takes
            half of the time.

    Raises:
        ValueError: as for `adc`.
    """
    highest = largest_code(bits, signed=signed)
    lowest = -highest if signed else 0
    lsb = (full_scale / highest).unsqueeze(-2)
    # Without a range every current but none is beyond it. Multiplying is faster than dividing, and off by a last bit,
    # which decides nothing in float64: it is less than a millionth of TIE.
    per_step = lsb.clamp(min=torch.finfo(lsb.dtype).tiny).reciprocal()
    code = (current * per_step).add_(0.5 + TIE).floor_()
    if clipped is None:
        return code.clamp_(lowest, highest), lsb
    least, most = (float(end) for end in code.detach().aminmax()) if code.numel() else (0.0, 0.0)
    if not (least >= lowest and most <= highest):
        inside = code.clamp(lowest, highest)
        # Summed in 32 bits: eight times as fast as in 64.
        clipped += (code != inside).sum(-2, dtype=torch.int32)
        code = inside
    return code, lsb


def converted(
    current: Float[Tensor, "*tiles batch cols"],
    full_scale: Float[Tensor, "*tiles cols"],
    bits: int,
    *,
    signed: bool = True,
) -> Float[Tensor, "*tiles batch cols"]:
    """The currents of `adc` without a count of what was clipped, and so in half of the time. Arguments as there."""
    code, lsb = adc_codes(current, full_scale, bits, signed=signed)
    return code.mul_(lsb)


def largest_code(bits: int, *, signed: bool = True) -> int:
    """k_max: 2^(b-1) - 1, unsigned 2^b - 1.

    Raises:
        ValueError: no bits, or a single one for both signs and zero.
    """
    fewest = 2 if signed else 1
    if bits < fewest:
        kind = "for a current of either sign" if signed else "for a current of one sign"
        raise ValueError(f"bits: got {bits}; allowed: a whole number from {fewest} {kind}, or None for an ideal ADC")
    return int(2 ** (bits - 1) - 1 if signed else 2**bits - 1)
