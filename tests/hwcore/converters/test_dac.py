"""The DAC: codes by hand, half an LSB, monotone, exact ends."""

from fractions import Fraction

import numpy as np
import pytest

from hwcore.converters import dac_code, dac_lsb

FULL_SCALES = (1, 16, 255)


def codes(pixels: list[int], full_scale: int, bits: int | None) -> list[int]:
    return dac_code(np.array(pixels, dtype=np.uint8), full_scale, bits).tolist()


def test_by_hand() -> None:
    # One bit: half of full scale is a tie and goes up. Two bits of 16: steps of 16/3, ties at 8/3, 8 and 40/3.
    assert codes([0, 7, 8, 16], 16, 1) == [0, 0, 1, 1]
    assert codes([0, 2, 3, 7, 8, 13, 14, 16], 16, 2) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert codes([0, 8, 9, 127, 128, 246, 247, 255], 255, 4) == [0, 0, 1, 7, 8, 14, 15, 15]
    assert dac_lsb(16, 2) == 1 / 3
    assert dac_lsb(255, 4) == 1 / 15


def test_without_bits_the_pixels_are_the_codes() -> None:
    assert codes([0, 1, 200, 255], 255, None) == [0, 1, 200, 255]
    assert dac_lsb(255, None) == 1 / 255
    assert dac_lsb(16, None) == 1 / 16


@pytest.mark.parametrize("full_scale", FULL_SCALES)
@pytest.mark.parametrize("bits", range(1, 9))
def test_the_laws_of_a_converter(full_scale: int, bits: int) -> None:
    pixels = np.arange(full_scale + 1, dtype=np.uint8)
    found = dac_code(pixels, full_scale, bits)
    steps = 2**bits - 1
    assert found.dtype == np.uint8
    assert found[0] == 0
    assert found[-1] == steps
    assert (np.diff(found.astype(int)) >= 0).all()
    errors = [
        Fraction(int(code), steps) - Fraction(int(pixel), full_scale) for code, pixel in zip(found, pixels, strict=True)
    ]
    assert max(abs(error) for error in errors) <= Fraction(1, 2 * steps)
    # Ties, and only they, are half an LSB off, and go up.
    assert all(error > 0 for error in errors if abs(error) == Fraction(1, 2 * steps))
    assert int(found[-1]) * dac_lsb(full_scale, bits) == 1.0


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64])
def test_shapes_and_dtypes(dtype: type[np.integer]) -> None:
    pixels = np.arange(256).reshape(4, 8, 8).astype(dtype)
    found = dac_code(pixels, 255, 4)
    assert found.shape == (4, 8, 8)
    assert found.reshape(-1).tolist() == codes(list(range(256)), 255, 4)
    assert dac_code(np.zeros((0, 64), dtype=dtype), 255, 4).shape == (0, 64)
    assert dac_code(pixels, 255, None).dtype == np.uint8


def test_a_pixel_beyond_full_scale_has_no_code() -> None:
    with pytest.raises(IndexError):
        codes([17], 16, 4)
