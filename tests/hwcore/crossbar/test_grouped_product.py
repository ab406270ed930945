"""Grouped products: against one product for each group, and by hand."""

import pytest
import torch

from hwcore.crossbar.grouped_product import block_drives, grouped_product, of_each_column

ROWS, WIDTH, PRODUCTS = 5, 3, 11


def drawn(*shape: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.rand(shape, dtype=dtype, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("groups", [1, 2, 6])
def test_every_group_is_a_product_of_its_own(groups: int, dtype: torch.dtype) -> None:
    drives, matrix = drawn(PRODUCTS, groups * ROWS, dtype=dtype), drawn(ROWS, groups * WIDTH, dtype=dtype)
    for rows in ((0, ROWS), (1, 4)):
        kept = slice(*rows)
        parts = zip(drives.split(ROWS, 1), matrix.split(WIDTH, 1), strict=True)
        expected = torch.cat([drive[:, kept] @ columns[kept] for drive, columns in parts], 1)
        found = grouped_product(block_drives(drives, rows, groups), matrix[kept], groups)
        assert (found.dtype, found.shape) == (dtype, (PRODUCTS, groups * WIDTH))
        torch.testing.assert_close(found, expected, rtol=1e-6 if dtype == torch.float32 else 1e-14, atol=0)


def test_one_group_is_the_product_of_two_matrices_to_the_last_bit() -> None:
    drives, matrix = drawn(PRODUCTS, ROWS), drawn(ROWS, WIDTH)
    assert torch.equal(grouped_product(drives, matrix, 1), drives @ matrix)
    assert torch.equal(block_drives(drives, (1, 3), 1), drives[:, 1:3])


def test_by_hand() -> None:
    drives = torch.tensor([[1.0, 2.0, 10.0, 20.0]], dtype=torch.float64)
    matrix = torch.tensor([[1.0, 1.0], [0.0, 2.0]], dtype=torch.float64)
    assert grouped_product(drives, matrix, 2).tolist() == [[1.0, 50.0]]
    assert block_drives(drives, (1, 2), 2).tolist() == [[2.0, 20.0]]
    assert of_each_column(drives[0], 2, 4, 2).tolist() == [[1.0, 1.0, 10.0, 10.0], [2.0, 2.0, 20.0, 20.0]]


def test_no_products_are_none() -> None:
    assert grouped_product(drawn(0, 10), drawn(5, 4), 2).shape == (0, 4)
