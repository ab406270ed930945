"""Accumulators: the ends of two's complement, and the order of the sums."""

import torch

from hwcore.digital import accumulated, largest_number, narrowed
from hwcore.spec import Digital


def widths(bits: int, *, saturate: bool) -> Digital:
    return Digital(accumulator_bits=bits, scale_bits=8, offset_bits=8, saturate=saturate)


def test_a_number_within_the_ends_stays_as_it_is() -> None:
    n = torch.arange(-8, 8)
    assert all(torch.equal(narrowed(n, 4, saturate=saturate), n) for saturate in (True, False))
    assert (largest_number(4), largest_number(32)) == (7, 2**31 - 1)


def test_beyond_the_ends_it_stops_or_wraps_around() -> None:
    n = torch.tensor([8, 9, 24, -9, -10, -24])
    assert narrowed(n, 4, saturate=True).tolist() == [7, 7, 7, -8, -8, -8]
    assert narrowed(n, 4, saturate=False).tolist() == [-8, -7, -8, 7, 6, -8]


def test_every_sum_is_narrowed_so_the_order_counts_where_it_saturates() -> None:
    start, up, down = torch.tensor([0]), torch.tensor([[6]]), torch.tensor([[-6]])
    first, last = widths(4, saturate=True), [up, up, down]
    assert accumulated(start, last, first).tolist() == [[1]]
    assert accumulated(start, [up, down, up], first).tolist() == [[6]]
    assert accumulated(start, last, widths(4, saturate=False)).tolist() == [[6]]


def test_the_offset_comes_first() -> None:
    assert accumulated(torch.tensor([7]), [torch.tensor([[3], [-3]])], widths(4, saturate=True)).tolist() == [[7], [4]]
