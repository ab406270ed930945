"""The gradient through the wires: against finite differences, the nodal solution, and where it is known."""

import itertools

import pytest
import torch

from hwcore.wires import Wires, nodal_gradient, nodal_transfer, transfer
from tests.hwcore.wires.drawn_arrays import drawn, share

SOME_ARE_ZERO = [Wires(*r) for r in itertools.product((0.0, 25.0), repeat=4)]


def through(g: torch.Tensor, wires: Wires, upstream: torch.Tensor) -> torch.Tensor:
    g = g.clone().requires_grad_()
    (found,) = torch.autograd.grad(transfer(g, wires), g, upstream)
    return found


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(7))


def test_without_resistance_it_is_the_identity() -> None:
    upstream = normal(2, 4, 3)
    assert torch.equal(through(drawn(2, 4, 3), Wires(), upstream), upstream)


def test_one_cell() -> None:
    # I = V / (R + 1/g): dI/dg = V / (1 + R g)^2.
    g = torch.tensor([[4e-5]], dtype=torch.float64)
    found = through(g, Wires(100.0, 200.0, 300.0, 400.0), torch.ones(1, 1, dtype=torch.float64))
    assert found.item() == pytest.approx(1 / (1 + 1000 * 4e-5) ** 2, rel=1e-14, abs=0)


@pytest.mark.parametrize("wires", SOME_ARE_ZERO[1:], ids=str)
@pytest.mark.parametrize("shape", [(4, 6), (6, 4)])
def test_finite_differences(wires: Wires, shape: tuple[int, int]) -> None:
    g, upstream = drawn(*shape), normal(*shape)
    found = through(g, wires, upstream)
    step = 1e-4 * g
    expected = torch.empty_like(g)
    for i, j in itertools.product(*map(range, shape)):
        moved = torch.zeros_like(g)
        moved[i, j] = step[i, j]
        difference = transfer(g + moved, wires) - transfer(g - moved, wires)
        expected[i, j] = (upstream * difference).sum() / (2 * step[i, j])
    assert share(found, expected) < 1e-6
    assert share(found, expected) < 1e-8  # what the step leaves here


@pytest.mark.parametrize("wires", SOME_ARE_ZERO[1:], ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (11, 17), (17, 11)])
def test_the_nodal_solution_says_the_same(wires: Wires, shape: tuple[int, int]) -> None:
    g, upstream = drawn(*shape, off=0.1), normal(*shape)
    assert share(through(g, wires, upstream), nodal_gradient(g, wires, upstream)) < 1e-13


@pytest.mark.parametrize("wires", [Wires(1e-3, 1e-3, 1.0, 1.0), Wires(100.0, 100.0, 10.0, 100.0)], ids=str)
def test_a_larger_array(wires: Wires) -> None:
    # More rows than are kept together on the way back, and more columns than are inverted at once.
    g, upstream = drawn(80, 75, off=0.1), normal(80, 75)
    assert share(through(g, wires, upstream), nodal_gradient(g, wires, upstream)) < 1e-12


def test_a_cell_that_does_not_conduct_has_a_gradient() -> None:
    g = drawn(3, 3)
    g[1, 1] = 0.0
    wires = Wires(10.0, 10.0)
    found = through(g, wires, torch.ones(3, 3, dtype=torch.float64))
    raised = g.clone()
    raised[1, 1] = 1e-9
    expected = float((nodal_transfer(raised, wires) - nodal_transfer(g, wires)).sum()) / 1e-9
    assert found[1, 1].item() == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize("shape", [(9, 8), (8, 9)])
def test_many_arrays_at_once_are_each_by_itself(shape: tuple[int, int]) -> None:
    wires, upstream = Wires(3.0, 2.0, 5.0, 7.0), normal(2, 3, *shape)
    g = drawn(2, 3, *shape)
    found = through(g, wires, upstream)
    for i, j in itertools.product(range(2), range(3)):
        assert share(found[i, j], through(g[i, j], wires, upstream[i, j])) < 1e-13


def test_it_goes_on_into_what_made_the_conductances() -> None:
    g = drawn(6, 4)
    scale = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    transfer(scale * g, Wires(3.0, 2.0)).sum().backward()
    upstream = torch.ones(6, 4, dtype=torch.float64)
    assert scale.grad is not None
    assert scale.grad.item() == pytest.approx(
        float((through(g, Wires(3.0, 2.0), upstream) * g).sum()), rel=1e-13, abs=0
    )


def test_value_and_kept_value_are_the_same() -> None:
    g, wires = drawn(2, 30, 20), Wires(3.0, 2.0, 1.0, 4.0)
    kept = transfer(g.clone().requires_grad_(), wires)
    assert torch.equal(kept.detach(), transfer(g, wires))
    with torch.no_grad():
        assert not transfer(g.clone().requires_grad_(), wires).requires_grad


def test_a_second_derivative_is_refused() -> None:
    g = drawn(3, 3).requires_grad_()
    (first,) = torch.autograd.grad(transfer(g, Wires(1.0, 1.0)).square().sum(), g, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()
