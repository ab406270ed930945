"""Ranges of an ADC: the largest current against every input, percentiles by hand, the least error against a search."""

import itertools

import pytest
import torch

from hwcore.converters import adc, adc_full_scale, largest_current, least_error_range, percentile_range
from hwcore.spec import Adc, CalibratedRange, FullRange, GivenRange
from hwcore.streams import stream


def test_the_largest_current_by_hand() -> None:
    g = torch.tensor([[3e-6, -1e-6], [-2e-6, -4e-6], [1e-6, 0.0]], dtype=torch.float64)
    # Inputs from 0: 4 against -2, and 0 against -5 uS; of either sign: 6 and 5 uS. Drives up to 2.
    from_zero = largest_current(g, drive_max=2.0, drive_signed=False)
    torch.testing.assert_close(from_zero, torch.tensor([8e-6, 10e-6], dtype=torch.float64), rtol=1e-12, atol=0)
    either = largest_current(g, drive_max=2.0, drive_signed=True)
    torch.testing.assert_close(either, torch.tensor([12e-6, 10e-6], dtype=torch.float64), rtol=1e-12, atol=0)


@pytest.mark.parametrize("drive_signed", [False, True])
def test_no_input_gives_more_and_one_gives_as_much(drive_signed: bool) -> None:
    g = torch.randn(2, 6, 5, dtype=torch.float64, generator=stream(0))
    ends = (-1.0 if drive_signed else 0.0, 1.0)
    corners = torch.tensor(list(itertools.product(ends, repeat=6)), dtype=torch.float64)
    largest = (corners @ g).abs().amax(-2)
    found = largest_current(g, drive_max=1.0, drive_signed=drive_signed)
    torch.testing.assert_close(found, largest, rtol=1e-12, atol=0)
    # So a full range clips nothing, whatever comes.
    assert not adc(corners @ g, found, 4).clipped.any()


def test_percentiles_by_hand() -> None:
    # |I| = 1 .. 10 in the first column, 10 times as much in the second; their signs do not matter.
    signs = torch.tensor([1.0, -1.0] * 5, dtype=torch.float64)
    currents = (signs * torch.arange(1.0, 11.0, dtype=torch.float64))[:, None] * torch.tensor([1.0, 10.0]).double()
    for percentile, expected in ((100.0, 10.0), (90.0, 9.0), (89.0, 9.0), (91.0, 10.0), (50.0, 5.0)):
        assert percentile_range(currents, percentile).tolist() == [expected, 10 * expected]


def test_a_percentile_leaves_so_much_within() -> None:
    currents = torch.randn(3, 1000, 4, dtype=torch.float64, generator=stream(1))
    found = percentile_range(currents, 99.0)
    within = (currents.abs() <= found[:, None]).double().mean(-2)
    assert bool((within == 0.99).all())


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_the_least_error_is_the_least(bits: int) -> None:
    currents = torch.randn(2, 400, 3, dtype=torch.float64, generator=stream(2))
    found = least_error_range(currents, bits)
    largest = currents.abs().amax(-2)

    def error(full_scale: torch.Tensor) -> torch.Tensor:
        return (adc(currents, full_scale, bits).current - currents).square().mean(-2)

    for share in (1.0, 0.9, 0.7, 0.5, 0.3):
        assert bool((error(found) <= error(share * largest) * (1 + 1e-2)).all())
    assert bool((error(found) <= error(largest)).all())
    # Few bits give up the rare large currents, many keep them.
    assert bool((found < 0.75 * largest).all()) == (bits == 2)


def test_with_bits_to_spare_and_without_an_end_it_is_the_largest_current() -> None:
    codes = torch.tensor([[-3.0], [1.0], [3.0]], dtype=torch.float64)
    assert least_error_range(codes, 3).tolist() == [3.0]
    assert least_error_range(codes, None).tolist() == [3.0]
    assert least_error_range(torch.zeros(5, 2, dtype=torch.float64), 4).tolist() == [0.0, 0.0]


def test_the_range_that_the_description_says() -> None:
    g = torch.randn(2, 6, 5, dtype=torch.float64, generator=stream(0))
    currents = torch.rand(2, 50, 6, dtype=torch.float64, generator=stream(1)) @ g

    def found(range_: object, data: torch.Tensor | None = currents) -> torch.Tensor:
        model = Adc(bits=6, range=range_)  # type: ignore[arg-type]
        return adc_full_scale(model, g, drive_max=2.0, drive_signed=False, currents=data)

    assert torch.equal(found(FullRange(), None), largest_current(g, drive_max=2.0, drive_signed=False))
    assert torch.equal(found(CalibratedRange(percentile=90.0)), percentile_range(currents, 90.0))
    assert torch.equal(found(CalibratedRange()), least_error_range(currents, 6))
    # Over the read voltage: with drives up to 2 a current is twice as much.
    assert torch.equal(found(GivenRange(full_scale=3e-6), None), torch.full((2, 5), 6e-6, dtype=torch.float64))
    with pytest.raises(ValueError, match="currents: got None; allowed: those of the data"):
        found(CalibratedRange(), None)
