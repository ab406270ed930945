"""The ADC: off, by hand, half an LSB, ties, clipping counted, a column without a range, shapes, gradient, refusals."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.converters import adc, adc_codes, largest_code
from hwcore.streams import stream


def column(*currents: float) -> torch.Tensor:
    return torch.tensor(currents, dtype=torch.float64)[:, None]


def scale(*full_scales: float) -> torch.Tensor:
    return torch.tensor(full_scales, dtype=torch.float64)


def test_without_bits_the_currents_are_as_they_are() -> None:
    current = torch.randn(4, 7, 3, dtype=torch.float64, generator=stream(0))
    found = adc(current, torch.full((4, 3), 0.1, dtype=torch.float64), None)
    assert found.current is current
    assert not found.clipped.any()
    assert found.clipped.shape == (4, 3)


def test_by_hand() -> None:
    # Three bits: codes -3 to 3, and with a full scale of 3 A an LSB of 1 A. Ties go up.
    found = adc(column(0.0, 0.49, 0.5, -0.5, -0.51, 2.6, 3.49, 3.5, -3.51, 99.0), scale(3.0), 3)
    assert found.current[:, 0].tolist() == [0, 0, 1, 0, -1, 3, 3, 3, -3, 3]
    assert found.clipped.tolist() == [3]
    # Two bits: -1, 0, 1. Unsigned two bits: 0 to 3.
    assert adc(column(-9, -0.6, 0.4, 0.6), scale(1.0), 2).current[:, 0].tolist() == [-1, -1, 0, 1]
    one_sign = adc(column(-0.6, -0.4, 1.5, 2.4, 9.0), scale(3.0), 2, signed=False)
    assert one_sign.current[:, 0].tolist() == [0, 0, 2, 2, 3]
    assert one_sign.clipped.tolist() == [2]
    assert adc(column(0.4, 0.6), scale(1.0), 1, signed=False).current[:, 0].tolist() == [0, 1]


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 12), st.booleans(), st.floats(1e-12, 1e3), st.integers(0, 1000))
def test_within_the_range_the_error_is_at_most_half_an_lsb(bits: int, signed: bool, full: float, seed: int) -> None:
    current = torch.rand(200, 3, dtype=torch.float64, generator=stream(seed)) * full
    current = 2 * current - full if signed else current
    current[0], current[1] = full, -full if signed else 0.0
    full_scale = torch.full((3,), full, dtype=torch.float64)
    found = adc(current, full_scale, bits, signed=signed)
    lsb = full / largest_code(bits, signed=signed)
    assert float((found.current - current).abs().max()) <= lsb / 2 * (1 + 4e-9)
    assert not found.clipped.any()
    # Codes are whole and zero is one of them; converting again changes nothing.
    codes = found.current / lsb
    assert float((codes - codes.round()).abs().max()) < 1e-9
    assert torch.equal(adc(found.current, full_scale, bits, signed=signed).current, found.current)
    # The ends are codes, and the order of the currents is kept.
    torch.testing.assert_close(found.current[:2], current[:2], rtol=1e-12, atol=0)
    order = current[:, 0].argsort()
    assert bool((found.current[order, 0].diff() >= 0).all())


@pytest.mark.parametrize("bits", range(2, 9))
def test_nothing_in_gives_nothing_out_however_many_tiles(bits: int) -> None:
    none = torch.zeros(30, 5, 4, dtype=torch.float64)
    found = adc(none, torch.rand(30, 4, dtype=torch.float64, generator=stream(0)), bits)
    assert not found.current.any()


def test_the_last_bit_of_a_sum_decides_no_tie() -> None:
    below = math.nextafter(0.5, 0.0)
    assert adc(column(below, 0.1 + 0.2 + 0.2, 0.5), scale(3.0), 3).current[:, 0].tolist() == [1, 1, 1]


def test_uniform_currents_err_by_an_lsb_over_the_root_of_twelve() -> None:
    current = torch.rand(1_000_000, 1, dtype=torch.float64, generator=stream(1)) * 2 - 1
    error = adc(current, scale(1.0), 6).current - current
    lsb = 1 / 31
    # Standard errors of the mean, and of the mean square of a uniform variable (kurtosis 9/5).
    assert abs(float(error.mean())) < 4.5 * lsb / math.sqrt(12e6)
    assert abs(float(error.square().mean()) * 12 / lsb**2 - 1) < 4.5 * math.sqrt(0.8 / 1e6)


def test_clipping_is_counted_for_every_column_of_every_tile() -> None:
    current = torch.zeros(2, 10, 3, dtype=torch.float64)
    current[0, :4, 1], current[1, :7, 2], current[1, 3, 0] = 2.0, -2.0, 1.01
    found = adc(current, torch.ones(2, 3, dtype=torch.float64), 4)
    # A hundredth beyond the last code is within half an LSB of it.
    assert found.clipped.tolist() == [[0, 4, 0], [0, 0, 7]]
    assert float(found.current.abs().max()) == 1.0


def test_a_column_without_a_range_reads_zero() -> None:
    found = adc(torch.tensor([[0.0, 0.0], [1e-9, 0.0]], dtype=torch.float64), scale(0.0, 0.0), 6)
    assert found.current.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert found.clipped.tolist() == [1, 0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(7, 3), (2, 7, 3), (4, 2, 7, 3), (0, 3)])
def test_shapes_and_dtypes(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    current = torch.randn(shape, dtype=dtype, generator=stream(0))
    before = current.clone()
    found = adc(current, torch.ones(*shape[:-2], shape[-1], dtype=dtype), 5)
    assert (found.current.shape, found.current.dtype) == (shape, dtype)
    assert found.clipped.shape == (*shape[:-2], shape[-1])
    assert torch.equal(current, before)
    if len(shape) > 2:
        alone = adc(current[0], torch.ones(*shape[1:-2], shape[-1], dtype=dtype), 5)
        assert torch.equal(found.current[0], alone.current)


def test_its_gradient_is_that_of_a_staircase() -> None:
    # Flat nearly everywhere: training needs a slope of its own.
    current = column(0.2, 1.3).requires_grad_()
    adc(current, scale(3.0), 3).current.sum().backward()
    assert current.grad is not None
    assert not current.grad.any()


@pytest.mark.parametrize(("bits", "signed", "fewest"), [(0, True, 2), (1, True, 2), (0, False, 1), (-3, False, 1)])
def test_too_few_bits_are_refused(bits: int, signed: bool, fewest: int) -> None:
    with pytest.raises(ValueError, match=f"bits: got {bits}; allowed: a whole number from {fewest} "):
        adc(column(0.0), scale(1.0), bits, signed=signed)


@pytest.mark.parametrize("signed", [True, False])
def test_codes_come_with_their_lsb_and_their_count(signed: bool) -> None:
    # Three bits: LSB 1 with 3 codes to either side, and of one sign 3/7 with seven of them.
    current, full = column(-9.0, -0.6, 0.4, 2.6, 9.0), scale(3.0)
    clipped = torch.zeros(1, dtype=torch.int64)
    code, lsb = adc_codes(current, full, 3, signed=signed, clipped=clipped)
    assert code[:, 0].tolist() == ([-3, -1, 0, 3, 3] if signed else [0, 0, 1, 6, 7])
    assert float(lsb) == pytest.approx(1.0 if signed else 3 / 7)
    assert clipped.tolist() == ([2] if signed else [3])
    # What is counted is added to what was there.
    adc_codes(current, full, 3, signed=signed, clipped=clipped)
    assert clipped.tolist() == ([4] if signed else [6])
    quick, _ = adc_codes(current, full, 3, signed=signed)
    assert torch.equal(quick, code)
