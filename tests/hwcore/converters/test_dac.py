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


def test_signed_by_hand() -> None:
    # Three bits: three steps either way. Of 16 ties are at 16/6, 8 and 40/3, and go away from zero.
    found = dac_code(np.array([-16, -14, -13, -8, -7, -3, -2, 0, 2, 3, 7, 8, 13, 14, 16]), 16, 3, signed=True)
    assert found.tolist() == [-3, -3, -2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 2, 3, 3]
    assert dac_lsb(16, 3, signed=True) == 1 / 3


@pytest.mark.parametrize(("dtype", "full_scale"), [(np.int8, 128), (np.int16, 32_767), (np.int16, 100)])
@pytest.mark.parametrize("bits", [2, 4, 8])
def test_signed_codes_are_odd_and_half_an_lsb_off(dtype: type[np.integer], full_scale: int, bits: int) -> None:
    lowest, highest = max(-full_scale, np.iinfo(dtype).min), min(full_scale, np.iinfo(dtype).max)
    values = np.arange(lowest, highest + 1).astype(dtype)
    found = dac_code(values, full_scale, bits, signed=True)
    steps = 2 ** (bits - 1) - 1
    assert found.dtype == np.int8
    assert int(np.abs(found.astype(int)).max()) == steps
    both = values[np.abs(values.astype(int)) <= highest]
    np.testing.assert_array_equal(
        dac_code((-both.astype(int)).astype(dtype), full_scale, bits, signed=True).astype(int),
        -dac_code(both, full_scale, bits, signed=True).astype(int),
    )
    # 2 FS |code - v k / FS| <= FS, in whole numbers.
    assert (2 * np.abs(found.astype(int) * full_scale - values.astype(int) * steps) <= full_scale).all()


@pytest.mark.parametrize(
    ("dtype", "full_scale", "signed", "kept"),
    [
        (np.uint8, 255, False, np.uint8),
        (np.uint16, 65_535, False, np.int32),
        (np.int8, 128, True, np.int8),
        (np.int16, 32_767, True, np.int16),
        (np.int16, 32_768, True, np.int16),
    ],
)
def test_values_that_are_codes_stay_what_they_are(
    dtype: type[np.integer], full_scale: int, signed: bool, kept: type[np.integer]
) -> None:
    values = np.array([np.iinfo(dtype).min, 1, np.iinfo(dtype).max], dtype=dtype)
    found = dac_code(values, full_scale, None, signed=signed)
    assert found.dtype == kept
    assert found.tolist() == values.tolist()
    assert dac_lsb(full_scale, None, signed=signed) == 1 / full_scale


def test_one_bit_has_no_sign() -> None:
    with pytest.raises(ValueError, match="got 1; allowed: 2 to 8 for inputs of both signs"):
        dac_code(np.zeros(1, dtype=np.int8), 128, 1, signed=True)
    with pytest.raises(IndexError, match="got -17"):
        dac_code(np.array([-17]), 16, 4, signed=True)


def test_a_pixel_beyond_full_scale_has_no_code() -> None:
    with pytest.raises(IndexError):
        codes([17], 16, 4)
