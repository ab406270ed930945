"""Programming noise: off, by hand, mean and spread over a million cells, its floor, its seed."""

import math

import pytest
import torch

from hwcore.devices import program
from hwcore.spec import AdditiveProgramming, Programming, ProportionalProgramming
from hwcore.streams import stream

G_MAX = 4e-5
CELLS = 1_000_000
MODELS = (AdditiveProgramming, ProportionalProgramming)


def written(g: torch.Tensor, model: Programming, seed: int = 0) -> torch.Tensor:
    return program(g, model, g_max=G_MAX, generator=stream(seed))


@pytest.mark.parametrize("model", MODELS)
def test_without_noise_every_cell_gets_what_it_is_told(model: type[AdditiveProgramming]) -> None:
    g = torch.linspace(0, G_MAX, 100, dtype=torch.float64)
    assert torch.equal(written(g, model(sigma_ratio=0.0)), g)


def test_by_hand() -> None:
    g = torch.tensor([[1e-5, 2e-5], [3e-5, 4e-5]], dtype=torch.float64)
    xi = torch.randn(2, 2, generator=stream(5)).double()
    additive = written(g, AdditiveProgramming(sigma_ratio=0.02), seed=5)
    torch.testing.assert_close(additive, g + 0.02 * 4e-5 * xi, rtol=1e-14, atol=0)
    proportional = written(g, ProportionalProgramming(sigma_ratio=0.02), seed=5)
    torch.testing.assert_close(proportional, g * (1 + 0.02 * xi), rtol=1e-14, atol=0)


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("model", MODELS)
def test_mean_and_spread_over_a_million_cells(model: type[AdditiveProgramming], share: float) -> None:
    g = share * G_MAX
    found = written(torch.full((CELLS,), g, dtype=torch.float64), model(sigma_ratio=0.05))
    sigma = 0.05 * (G_MAX if model is AdditiveProgramming else g)
    # Standard errors: sigma / sqrt(n) of the mean, sigma / sqrt(2 n) of the standard deviation.
    assert abs(float(found.mean()) - g) < 4 * sigma / math.sqrt(CELLS)
    assert abs(float(found.std()) - sigma) < 4 * sigma / math.sqrt(2 * CELLS)
    # The third and fourth moments of a normal distribution, with standard errors sqrt(6/n) and sqrt(24/n).
    xi = (found - g) / sigma
    assert abs(float((xi**3).mean())) < 4 * math.sqrt(15 / CELLS)
    assert abs(float((xi**4).mean()) - 3) < 4 * math.sqrt(96 / CELLS)


def test_nothing_conducts_less_than_nothing() -> None:
    found = written(torch.zeros(CELLS, dtype=torch.float64), AdditiveProgramming(sigma_ratio=0.1))
    assert float(found.min()) == 0.0
    # Half of the cells of an off level would fall below zero; the others keep the upper half of the distribution.
    assert abs(float((found == 0).double().mean()) - 0.5) < 4 * 0.5 / math.sqrt(CELLS)
    half_normal = 0.1 * G_MAX / math.sqrt(2 * math.pi)
    assert float(found.mean()) == pytest.approx(half_normal, rel=0.01)
    strong = written(torch.full((10_000,), G_MAX, dtype=torch.float64), ProportionalProgramming(sigma_ratio=1.0))
    assert float(strong.min()) == 0.0


def test_cells_that_do_not_conduct_stay_off_under_proportional_noise() -> None:
    g = torch.zeros(1000, dtype=torch.float64)
    assert torch.equal(written(g, ProportionalProgramming(sigma_ratio=1.0)), g)


def test_the_generator_decides_and_moves_on() -> None:
    g, model = torch.full((50,), 1e-5, dtype=torch.float64), AdditiveProgramming(sigma_ratio=0.1)
    assert torch.equal(written(g, model, seed=1), written(g, model, seed=1))
    assert not torch.equal(written(g, model, seed=1), written(g, model, seed=2))
    generator = stream(1)
    first, second = (program(g, model, g_max=G_MAX, generator=generator) for _ in range(2))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("shape", [(), (0,), (3, 4), (2, 3, 4)])
def test_shape_dtype_and_what_is_told_are_kept(shape: tuple[int, ...]) -> None:
    g = torch.full(shape, 1e-5, dtype=torch.float64)
    found = written(g, AdditiveProgramming(sigma_ratio=0.1))
    assert found.shape == shape
    assert found.dtype == torch.float64
    assert torch.equal(g, torch.full(shape, 1e-5, dtype=torch.float64))
