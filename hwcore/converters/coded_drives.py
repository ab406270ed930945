"""Drives of every conversion of one product: bit by bit, sign by sign, or all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.converters.bit_planes import bit_planes
from hwcore.spec import Drive


def coded_drives(
    x: Float[Tensor, "products rows"], drive: Drive
) -> Iterator[tuple[int, Float[Tensor, "products rows"]]]:
    """Factor and drives of every conversion, in their order: x = sum_c f_c v_c / (2^b - 1) with b bits that come alone.

    Bits come least significant first, v = limit sign(x) (bit k of the magnitude), f = 2^k; of two phases that are
    converted the positive inputs come before the negative ones, whose f is below 0. Phases that are subtracted before
    the conversion are one conversion of both signs: a line is idle, at 0 V, in one of the two, and currents of linear
    arrays add up, as do the variances of two reads of which each line takes part in one.

    Args:
        x: what the word lines stand for, unit of the limit; of bits that come alone whole multiples of
            limit / (2^b - 1).
        drive: its coding.

    Raises:
        ValueError: bits without a limit, or more than the magnitude has.
    """
    for factor, plane in _by_bit(x, drive):
        if drive.converts_phases:
            yield factor, plane.clamp(min=0.0)
            yield -factor, plane.clamp(max=0.0).neg_()
        else:
            yield factor, plane


def _by_bit(x: Tensor, drive: Drive) -> Iterator[tuple[int, Tensor]]:
    if drive.bits is None:
        yield 1, x
        return
    if drive.limit is None:
        raise ValueError("drive.limit: got None; allowed: a number, where bits come one by one")
    codes = (x.abs() * ((2**drive.bits - 1) / drive.limit)).round_().to(torch.uint8)
    # A zero of the drive has no bit set, so its sign does not matter.
    sign = x.sign() * drive.limit if drive.signed else None
    for k, plane in enumerate(bit_planes(codes, drive.bits)):
        bit = plane.to(x.dtype)
        yield 2**k, bit.mul_(drive.limit) if sign is None else bit.mul_(sign)


def coded_current(
    x: Float[Tensor, "products rows"],
    drive: Drive,
    product: Callable[[Float[Tensor, "products rows"]], Float[Tensor, "products cols"]],
) -> Float[Tensor, "products cols"]:
    """sum_c f_c I(v_c) / (2^b - 1): the arrays once per conversion, what they give shifted, added and subtracted.

    Args:
        x: as for `coded_drives`.
        drive: its coding.
        product: I: currents for the drives of one conversion.

    Raises:
        ValueError: as for `coded_drives`.
    """
    total = coded_sum(x, drive, product)
    return total if drive.bits is None else total.div(2**drive.bits - 1)


def coded_sum(
    x: Float[Tensor, "products rows"],
    drive: Drive,
    product: Callable[[Float[Tensor, "products rows"]], Float[Tensor, "*shape"]],
) -> Float[Tensor, "*shape"]:
    """sum_c f_c P(v_c): of whole numbers, such as codes of a converter, a whole number.

    Args:
        x: as for `coded_drives`.
        drive: its coding.
        product: P: what the arrays give for the drives of one conversion.

    Raises:
        ValueError: as for `coded_drives`.
    """
    total: Tensor | None = None
    for factor, plane in coded_drives(x, drive):
        found = product(plane)
        total = found if total is None else torch.add(total, found, alpha=factor)
    if total is None:
        raise ValueError(f"drive.bits: got {drive.bits}; allowed: one or more")
    return total
