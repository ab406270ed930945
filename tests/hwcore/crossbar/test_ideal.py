"""The ideal array: Ohm and Kirchhoff, by hand and as laws."""

import pytest
import torch

from hwcore.crossbar import differential_current
from tests.hwcore.crossbar.small_networks import grid


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def close(found: torch.Tensor, expected: torch.Tensor, share: float = 1e-12) -> None:
    """Within a share of the largest current, and no less strict for currents being small."""
    assert found.shape == expected.shape
    assert float((found - expected).abs().max()) <= share * float(expected.abs().max())


def test_one_cell() -> None:
    # 0.2 V on 5 uS against 2 uS: 0.6 uA.
    current = differential_current(
        torch.tensor([[0.2]], dtype=torch.float64), torch.tensor([[5e-6 - 2e-6]], dtype=torch.float64), grid(1, 1)
    )
    close(current, torch.tensor([[0.6e-6]], dtype=torch.float64))


def test_two_by_two() -> None:
    # Rows at 1 V and 0.5 V: 1 x 3 + 0.5 x 4 = 5 uA and 1 x (-2) + 0.5 x 6 = 1 uA.
    g = torch.tensor([[3e-6, -2e-6], [4e-6, 6e-6]], dtype=torch.float64)
    current = differential_current(torch.tensor([[1.0, 0.5]], dtype=torch.float64), g, grid(2, 2))
    close(current, torch.tensor([[5e-6, 1e-6]], dtype=torch.float64))


def test_kirchhoff_every_cell_adds_its_own_current() -> None:
    drive, g = drawn(4, 9), 1e-5 * drawn(9, 5, seed=1)
    by_cell = torch.stack([torch.stack([(v * g[:, j]).sum() for j in range(5)]) for v in drive])
    close(differential_current(drive, g, grid(9, 5)), by_cell)


def test_superposition() -> None:
    first, second, g = drawn(6, 30), drawn(6, 30, seed=1), 1e-5 * drawn(30, 8, seed=2)
    cut = grid(30, 8, 7, 3)

    def current(drive: torch.Tensor) -> torch.Tensor:
        return differential_current(drive, g, cut)

    close(current(2.5 * first - second), 2.5 * current(first) - current(second))
    rows = torch.eye(30, dtype=torch.float64)
    close(current(rows), g, share=0)


def test_no_drive_no_current() -> None:
    assert not differential_current(torch.zeros(3, 5).double(), drawn(5, 4), grid(5, 4)).any()


@pytest.mark.parametrize("array", [(128, 128), (1, 1), (7, 3), (37, 11), (36, 11), (500, 2)])
def test_tiling_changes_nothing_in_the_ideal_array(array: tuple[int, int]) -> None:
    drive, g = drawn(20, 37), 1e-5 * drawn(37, 11, seed=1)
    close(differential_current(drive, g, grid(37, 11, *array)), drive @ g)


def test_a_batch_is_its_images_one_by_one() -> None:
    drive, g, cut = drawn(5, 12), drawn(12, 4, seed=1), grid(12, 4, 5, 3)
    single = torch.cat([differential_current(each[None], g, cut) for each in drive])
    close(differential_current(drive, g, cut), single)
    assert differential_current(drive[:0], g, cut).shape == (0, 4)


def test_it_is_differentiable() -> None:
    drive, g = drawn(2, 5).requires_grad_(), drawn(5, 3, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda v, c: differential_current(v, c, grid(5, 3, 2, 2)), (drive, g))
