"""Registers of sums: LSB of the accumulators, offsets, sums by hand, and what each width costs."""

import math

import pytest
import torch

from hwcore.digital import Multipliers, NumberFormat, SumRegisters, lsb_exponent
from hwcore.spec import Digital, Rounding
from hwcore.streams import stream

WIDE = Digital(accumulator_bits=32, scale_bits=24, offset_bits=32)


def drawn(widths: Digital, terms: int = 3, cols: int = 5) -> tuple[SumRegisters, torch.Tensor, torch.Tensor]:
    """Registers of drawn factors and biases, codes, and the sums in floating point."""
    generator = stream(4)
    factor = torch.randn(terms, cols, generator=generator, dtype=torch.float64) * 1e-3
    bias = torch.randn(cols, generator=generator, dtype=torch.float64) * 0.1
    codes = torch.randint(-127, 128, (terms, 200, cols), generator=generator)
    sums = bias + (codes * factor[:, None]).sum(0)
    return SumRegisters.of(factor, bias, float(sums.abs().max()), widths), codes, sums


def value(registers: SumRegisters, n: torch.Tensor) -> torch.Tensor:
    return NumberFormat.of_sums(registers.exponent).value(n)


@pytest.mark.parametrize("largest", [1.0, 0.7, 127.0, 127.5, 128.0, 3e-9, 5e7])
@pytest.mark.parametrize("bits", [4, 8, 32])
def test_the_lsb_is_the_smallest_power_of_two_with_which_the_largest_sum_fits(largest: float, bits: int) -> None:
    exponent = lsb_exponent(largest, bits)
    most = 2 ** (bits - 1) - 1
    assert most * 2.0 ** (exponent - 1) < largest <= most * 2.0**exponent


def test_a_layer_that_never_has_a_sum_has_an_lsb() -> None:
    assert math.isfinite(2.0 ** lsb_exponent(0.0, 16))


def test_by_hand() -> None:
    registers = SumRegisters(
        Multipliers(torch.tensor([[3, -2], [5, 1]]), torch.tensor([[1, 0], [2, -1]])),
        offset=torch.tensor([2, -3]),
        offset_shift=2,
        exponent=-4,
        widths=Digital(accumulator_bits=8, scale_bits=4, offset_bits=4),
    )
    codes = torch.tensor([[[7, 7]], [[-3, -3]]])
    # 8 + round(21 / 2) + round(-15 / 4), and -12 - 14 - 6.
    assert registers.sums(codes).tolist() == [[8 + 11 - 4, -12 - 14 - 6]]
    assert value(registers, registers.sums(codes)).tolist() == [[15 / 16, -2.0]]


@pytest.mark.parametrize("rounding", ["half_away", "half_even", "down"])
def test_the_error_is_bounded_by_the_last_bits(rounding: Rounding) -> None:
    widths = Digital(accumulator_bits=16, scale_bits=10, offset_bits=10, rounding=rounding)
    registers, codes, sums = drawn(widths)
    lsb = 2.0**registers.exponent
    largest_bias = 0.5 * 2.0 ** (registers.offset_shift) * lsb
    of_products = len(codes) * lsb * (1.0 if rounding == "down" else 0.5)
    of_factors = (codes.abs() * registers.multipliers.factor.abs()[:, None]).sum(0) * lsb * 2.0**-9
    error = (value(registers, registers.sums(codes)) - sums).abs()
    assert bool((error <= largest_bias + of_products + of_factors).all())


@pytest.mark.parametrize("width", ["accumulator_bits", "scale_bits", "offset_bits"])
def test_each_width_costs_something_of_its_own(width: str) -> None:
    errors = []
    for bits in (6, 9, 12):
        registers, codes, sums = drawn(WIDE.model_copy(update={width: bits}))
        errors.append(float((value(registers, registers.sums(codes)) - sums).abs().max()))
    assert errors[0] > 2 * errors[1] > 4 * errors[2] > 0


def test_twice_the_largest_sum_fits_and_beyond_it_the_accumulator_saturates_or_wraps() -> None:
    registers, codes, sums = drawn(WIDE)
    largest = float(sums.abs().max())
    assert float(value(registers, registers.sums(2 * codes)).abs().max()) > 1.5 * largest
    many = 100 * codes
    stopped = registers.sums(many)
    assert int(stopped.abs().max()) in (2**31, 2**31 - 1)
    wrapping, _, _ = drawn(WIDE.model_copy(update={"saturate": False}))
    wrapped = wrapping.sums(many)
    assert not torch.equal(wrapped, stopped)
    # Modulo 2^32 it is the exact sum.
    terms = [
        Multipliers(m, s).scaled(code, "half_away")
        for code, m, s in zip(many, wrapping.multipliers.mantissa, wrapping.multipliers.shift, strict=True)
    ]
    exact = (wrapping.offset << wrapping.offset_shift) + torch.stack(terms).sum(0)
    assert bool(((wrapped - exact) % 2**32 == 0).all())


def test_channels_of_a_map_have_multipliers_of_their_own() -> None:
    widths = Digital(accumulator_bits=16, scale_bits=8, offset_bits=8)
    factor, bias = torch.tensor([[0.5, -2.0]], dtype=torch.float64), torch.tensor([1.0, 3.0], dtype=torch.float64)
    registers = SumRegisters.of(factor, bias, 20.0, widths)
    n = torch.arange(12).reshape(1, 2, 3, 2)
    expected = n * factor.view(2, 1, 1) + bias.view(2, 1, 1)
    assert torch.equal(value(registers, registers.of_channels(n)), expected)


def test_a_term_alone_is_brought_to_the_lsb_and_narrowed() -> None:
    widths = Digital(accumulator_bits=8, scale_bits=8, offset_bits=8)
    registers = SumRegisters.of(
        torch.tensor([[0.25], [1.0]], dtype=torch.float64), torch.zeros(1, dtype=torch.float64), 60.0, widths
    )
    assert registers.exponent == 0
    n = torch.tensor([[3, 6, 1000]])
    assert registers.term(0, n).tolist() == [[1, 2, 127]]
    assert registers.term(1, n).tolist() == [[3, 6, 127]]
