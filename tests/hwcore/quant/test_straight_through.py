"""The straight-through estimator: hard values forwards, the identity backwards within the ends."""

import pytest
import torch

from hwcore.quant import hard_staircase, straight_through
from tests.hwcore.quant.reference import NO_ZERO, table


def test_hard_values_forwards() -> None:
    theta = torch.linspace(-2, 2, 101, dtype=torch.float64)
    assert torch.equal(straight_through(theta, table(NO_ZERO)), hard_staircase(theta, table(NO_ZERO)))


def test_the_gradient_passes_within_the_ends_and_not_beyond() -> None:
    # The ends are -0.75 and 1, and belong to the inside.
    theta = table([-2.0, -0.75 - 1e-9, -0.75, 0.0, 0.6, 1.0, 1.0 + 1e-9, 3.0]).requires_grad_()
    (gradient,) = torch.autograd.grad(straight_through(theta, table(NO_ZERO)), theta, torch.arange(1.0, 9.0).double())
    assert gradient.tolist() == [0, 0, 3, 4, 5, 6, 0, 0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shapes_and_dtypes(dtype: torch.dtype) -> None:
    theta = torch.linspace(-1, 1, 24, dtype=dtype).reshape(2, 3, 4).permute(2, 0, 1).detach().requires_grad_()
    found = straight_through(theta, table(NO_ZERO).to(dtype))
    found.sum().backward()
    assert theta.grad is not None
    assert found.shape == theta.grad.shape == (4, 2, 3)
    assert found.dtype == theta.grad.dtype == dtype
    assert straight_through(torch.zeros(0, dtype=dtype), table(NO_ZERO).to(dtype)).shape == (0,)
