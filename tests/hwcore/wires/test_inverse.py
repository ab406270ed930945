"""The inverse by halves."""

import pytest
import torch

from hwcore.wires.inverse import DIRECT, inverse


def conductance_matrix(size: int, tiles: int = 2, seed: int = 0) -> torch.Tensor:
    """One plus the conductances between nodes and of every node to ground."""
    generator = torch.Generator().manual_seed(seed)
    off = torch.rand(tiles, size, size, dtype=torch.float64, generator=generator).triu(1)
    off = -(off + off.mT)
    return off + torch.diag_embed(1 + torch.rand(tiles, size, dtype=torch.float64, generator=generator) - off.sum(-1))


@pytest.mark.parametrize("size", [1, 2, 3, DIRECT, DIRECT + 1, 2 * DIRECT + 3, 300])
def test_it_is_the_inverse(size: int) -> None:
    a = conductance_matrix(size)
    found = inverse(a)
    assert float((found @ a - torch.eye(size, dtype=torch.float64)).abs().max()) < 1e-13
    assert float((found / torch.linalg.inv(a) - 1).abs().max()) < 1e-11


def test_off_is_the_identity() -> None:
    one = torch.eye(150, dtype=torch.float64).expand(3, 150, 150)
    assert torch.equal(inverse(one), one)


def test_only_the_upper_triangle_is_read() -> None:
    a = conductance_matrix(200)
    assert torch.equal(inverse(a.triu()), inverse(a))


def test_small_entries_are_as_accurate_as_large_ones() -> None:
    # A chain of nodes: far from the diagonal the inverse falls to 1e-60, and is known in closed form.
    size, x = 100, 0.25
    a = torch.diag_embed(torch.full((1, size), 1 + x * x, dtype=torch.float64))
    a[0, 0, 0] = 1.0
    a[0].diagonal(1).fill_(-x)
    a[0].diagonal(-1).fill_(-x)
    # A = (1 - x S)(1 - x S^T) with the shift S down, but for its first entry: A^-1 from the powers of x alone.
    power = torch.arange(size, dtype=torch.float64)
    lower = torch.where(power[:, None] >= power, x ** (power[:, None] - power), 0.0)
    expected = (lower.mT @ lower)[None]
    assert float((inverse(a) / expected - 1).abs().max()) < 1e-13


def test_what_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(torch.linalg.LinAlgError):
        inverse(-conductance_matrix(5))
