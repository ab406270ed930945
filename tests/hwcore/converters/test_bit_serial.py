"""Bit-serial input: planes by hand, the same as all bits at once where nothing is rounded, and each cycle rounded."""

import pytest
import torch

from hwcore.converters import adc, bit_planes, bit_serial, largest_current
from hwcore.streams import stream


def drawn(bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    codes = torch.randint(0, 2**bits, (40, 6), dtype=torch.uint8, generator=stream(bits))
    return codes, torch.randn(6, 5, dtype=torch.float64, generator=stream(bits, 1))


def test_planes_by_hand() -> None:
    codes = torch.tensor([0, 1, 2, 3, 6, 7], dtype=torch.uint8)
    found = [plane.tolist() for plane in bit_planes(codes, 3)]
    assert found == [[0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]]


@pytest.mark.parametrize("bits", range(1, 9))
def test_without_an_adc_it_is_the_product_of_all_bits_at_once(bits: int) -> None:
    codes, g = drawn(bits)
    found = bit_serial(codes, bits, lambda drive: drive @ g)
    torch.testing.assert_close(found, codes.double() / (2**bits - 1) @ g, rtol=1e-11, atol=1e-14)


def test_one_bit_is_the_product_itself() -> None:
    codes, g = drawn(1)
    assert torch.equal(bit_serial(codes, 1, lambda drive: drive @ g), codes.double() @ g)


def test_every_cycle_is_rounded_for_itself() -> None:
    bits, resolution = 4, 5
    codes, g = drawn(bits)
    full_scale, seen = largest_current(g, drive_max=1.0, drive_signed=False), []

    def product(drive: torch.Tensor) -> torch.Tensor:
        seen.append(drive)
        return adc(drive @ g, full_scale, resolution).current

    found = bit_serial(codes, bits, product)
    assert len(seen) == bits
    assert all(set(drive.unique().tolist()) == {0.0, 1.0} for drive in seen)
    by_hand = sum(2**k * product(((codes >> k) & 1).double()) for k in range(bits)) / 15
    torch.testing.assert_close(found, by_hand, rtol=1e-12, atol=1e-15)
    # Errors of up to half an LSB in each cycle, weighed 1, 2, 4, 8 over 15: half an LSB in all.
    lsb = full_scale / 15
    exact = codes.double() / 15 @ g
    assert bool(((found - exact).abs() <= lsb / 2 * (1 + 1e-8)).all())
    assert not torch.allclose(found, adc(exact, full_scale, resolution).current)


def test_shapes() -> None:
    empty = torch.zeros(0, 6, dtype=torch.uint8)
    assert bit_serial(empty, 4, lambda drive: drive @ torch.ones(6, 5, dtype=torch.float64)).shape == (0, 5)
    assert [plane.dtype for plane in bit_planes(empty, 2)] == [torch.uint8] * 2


@pytest.mark.parametrize("bits", [0, 9, -1])
def test_other_numbers_of_bits_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=f"bits: got {bits}; allowed: a whole number from 1 to 8"):
        bit_planes(torch.zeros(2, dtype=torch.uint8), bits)


def test_a_code_of_more_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="codes: got 4; allowed: 0 to 3 with 2 bits"):
        bit_planes(torch.tensor([0, 4], dtype=torch.uint8), 2)
