"""Formats of whole numbers: what codes and sums stand for."""

import torch

from hwcore.digital import NumberFormat


def levels(low: float, high: float, bits: int) -> torch.Tensor:
    return torch.linspace(low, high, 2**bits, dtype=torch.float64)


def test_codes_of_levels_from_zero_are_multiples_of_a_step() -> None:
    of, k = NumberFormat.of_levels(levels(0.0, 1.5, 2)), torch.arange(4)
    assert (of.unit, of.multiples(k).tolist()) == (0.5, [0, 1, 2, 3])
    assert torch.equal(of.value(k), levels(0.0, 1.5, 2))


def test_codes_of_levels_on_both_sides_are_odd_multiples_of_half_a_step() -> None:
    of, k = NumberFormat.of_levels(levels(-1.5, 1.5, 2)), torch.arange(4)
    assert (of.unit, of.multiples(k).tolist()) == (0.5, [-3, -1, 1, 3])
    assert torch.allclose(of.multiples(k).double() * of.unit, of.value(k), rtol=1e-15, atol=0)


def test_sums_are_multiples_of_their_lsb() -> None:
    assert NumberFormat.of_sums(-3).value(torch.tensor([-5, 8])).tolist() == [-0.625, 1.0]


def test_formats_are_the_same_where_the_same_number_stands_for_the_same_value() -> None:
    one, other = NumberFormat.of_levels(levels(0.0, 1.5, 2)), NumberFormat.of_levels(levels(-1.5, 1.5, 2))
    assert one.same(NumberFormat.of_levels(levels(0.0, 1.5, 2)))
    assert not one.same(other)
    assert not one.same(NumberFormat(0.5))
    assert NumberFormat.of_sums(-1).same(NumberFormat.of_sums(-1))
    assert not NumberFormat.of_sums(-1).same(NumberFormat.of_sums(-2))
