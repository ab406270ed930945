"""Accumulators of a fixed width: two's complement, which stops at its ends or wraps around."""

from __future__ import annotations

from collections.abc import Iterable

from jaxtyping import Int64
from torch import Tensor

from hwcore.spec import Digital


def largest_number(bits: int) -> int:
    """2^(b-1) - 1; the smallest is one below its negative."""
    return int(2 ** (bits - 1)) - 1


def narrowed(n: Int64[Tensor, "*shape"], bits: int, *, saturate: bool) -> Int64[Tensor, "*shape"]:
    """The number as an accumulator of b bits holds it: clip(n, -2^(b-1), 2^(b-1) - 1), or n modulo 2^b.

    Args:
        n: any.
        bits: b.
        saturate: whether it stops at the ends; if not it wraps around.
    """
    largest = largest_number(bits)
    if saturate:
        return n.clamp(-largest - 1, largest)
    return ((n + largest + 1) & (2 * largest + 1)) - largest - 1


def held(n: Int64[Tensor, "*shape"], widths: Digital) -> Int64[Tensor, "*shape"]:
    """The number as the accumulators of a description hold it, see `narrowed`.

    Args:
        n: any.
        widths: bits of an accumulator, and what it does at its ends.
    """
    return narrowed(n, widths.accumulator_bits, saturate=widths.saturate)


def accumulated(
    start: Int64[Tensor, " cols"], terms: Iterable[Int64[Tensor, "products cols"]], widths: Digital
) -> Int64[Tensor, "products cols"]:
    """start + terms[0] + terms[1] + ..., in this order, each sum narrowed to the accumulator.

    Args:
        start: offset of each column, in LSBs of the accumulator.
        terms: at least one; as wide as they come.
        widths: bits of the accumulator, and what it does at its ends.
    """
    total = held(start, widths)
    for term in terms:
        total = held(total + term, widths)
    return total
