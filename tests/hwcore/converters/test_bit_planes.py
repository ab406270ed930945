"""Bits of codes: planes by hand."""

import pytest
import torch

from hwcore.converters import bit_planes


def test_planes_by_hand() -> None:
    codes = torch.tensor([0, 1, 2, 3, 6, 7], dtype=torch.uint8)
    found = [plane.tolist() for plane in bit_planes(codes, 3)]
    assert found == [[0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]]


def test_shapes() -> None:
    empty = torch.zeros(0, 6, dtype=torch.uint8)
    assert [plane.dtype for plane in bit_planes(empty, 2)] == [torch.uint8] * 2


@pytest.mark.parametrize("bits", [0, 9, -1])
def test_other_numbers_of_bits_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match=f"bits: got {bits}; allowed: a whole number from 1 to 8"):
        bit_planes(torch.zeros(2, dtype=torch.uint8), bits)


def test_a_code_of_more_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="codes: got 4; allowed: 0 to 3 with 2 bits"):
        bit_planes(torch.tensor([0, 4], dtype=torch.uint8), 2)
