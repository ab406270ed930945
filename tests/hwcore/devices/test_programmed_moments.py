"""Mean and spread of a write, its floor included: by hand, against a million writes, without noise, scaled."""

import math

import pytest
import torch

from hwcore.devices import program, programmed_moments, programming_sigma
from hwcore.spec import AdditiveProgramming, Programming, ProportionalProgramming
from hwcore.streams import stream

G_MAX = 4e-5
WRITES = 1_000_000


def conductances(*shares: float) -> torch.Tensor:
    return G_MAX * torch.tensor(shares, dtype=torch.float64)


def test_sigma_by_hand() -> None:
    g = conductances(0.0, 0.25, 1.0)
    additive = programming_sigma(g, AdditiveProgramming(sigma_ratio=0.1), g_max=G_MAX)
    torch.testing.assert_close(additive, torch.full_like(g, 4e-6), rtol=1e-14, atol=0)
    proportional = programming_sigma(g, ProportionalProgramming(sigma_ratio=0.1), g_max=G_MAX)
    torch.testing.assert_close(proportional, torch.tensor([0.0, 1e-6, 4e-6], dtype=torch.float64), rtol=1e-14, atol=0)
    # The largest conductance only matters to additive noise.
    other = programming_sigma(g, AdditiveProgramming(sigma_ratio=0.1), g_max=2 * G_MAX)
    torch.testing.assert_close(other, 2 * additive, rtol=1e-14, atol=0)
    assert torch.equal(programming_sigma(g, ProportionalProgramming(sigma_ratio=0.1), g_max=9.0), proportional)


def test_an_off_cell_keeps_the_upper_half_of_the_distribution() -> None:
    mean, spread = programmed_moments(conductances(0.0), AdditiveProgramming(sigma_ratio=0.1), g_max=G_MAX)
    sigma = 0.1 * G_MAX
    assert mean.item() == pytest.approx(sigma / math.sqrt(2 * math.pi), rel=1e-12)
    assert spread.item() == pytest.approx(sigma * math.sqrt(0.5 - 0.5 / math.pi), rel=1e-12)


def test_one_sigma_above_zero_by_hand() -> None:
    # Phi(1) = 0.8413447460685429 and phi(1) = 0.24197072451914337.
    mean, spread = programmed_moments(conductances(0.1), AdditiveProgramming(sigma_ratio=0.1), g_max=G_MAX)
    sigma, expected = 0.1 * G_MAX, 0.8413447460685429 + 0.24197072451914337
    assert mean.item() == pytest.approx(sigma * expected, rel=1e-12)
    second = 2 * 0.8413447460685429 + 0.24197072451914337
    assert spread.item() == pytest.approx(sigma * math.sqrt(second - expected**2), rel=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.25, 1.0])
@pytest.mark.parametrize(
    "model",
    [
        AdditiveProgramming(sigma_ratio=0.1),
        AdditiveProgramming(sigma_ratio=1.0),
        ProportionalProgramming(sigma_ratio=0.3),
        ProportionalProgramming(sigma_ratio=1.0),
    ],
    ids=str,
)
def test_they_are_those_of_a_million_writes(model: Programming, share: float) -> None:
    found = program(conductances(share).expand(WRITES), model, g_max=G_MAX, generator=stream(3, round(1000 * share)))
    mean, spread = (moment.item() for moment in programmed_moments(conductances(share), model, g_max=G_MAX))
    if share == 0 and isinstance(model, ProportionalProgramming):
        assert (mean, spread) == (0.0, 0.0)
        assert not found.any()
        return
    centred = found - found.mean()
    fourth = float(centred.square().square().mean()) / spread**4
    # Standard errors: s / sqrt(n) of the mean, s sqrt((kurtosis - 1) / 4 n) of the standard deviation.
    assert abs(float(found.mean()) - mean) < 4.5 * spread / math.sqrt(WRITES)
    assert abs(float(found.std()) - spread) < 4.5 * spread * math.sqrt((fourth - 1) / (4 * WRITES))


@pytest.mark.parametrize("model", [AdditiveProgramming, ProportionalProgramming])
def test_without_noise_they_are_those_of_a_number(model: type[AdditiveProgramming]) -> None:
    g = conductances(0.0, 0.3, 1.0)
    mean, spread = programmed_moments(g, model(sigma_ratio=0.0), g_max=G_MAX)
    assert torch.equal(mean, g)
    assert torch.equal(spread, torch.zeros_like(g))


@pytest.mark.parametrize("model", [AdditiveProgramming, ProportionalProgramming])
def test_far_above_zero_the_floor_does_not_matter(model: type[AdditiveProgramming]) -> None:
    g, weak = conductances(0.3, 1.0), model(sigma_ratio=0.01)
    mean, spread = programmed_moments(g, weak, g_max=G_MAX)
    torch.testing.assert_close(mean, g, rtol=1e-14, atol=0)
    torch.testing.assert_close(spread, programming_sigma(g, weak, g_max=G_MAX), rtol=1e-10, atol=0)


def test_conductances_of_any_unit_and_shape() -> None:
    g, model = conductances(0.0, 0.05, 0.4, 1.0).reshape(2, 2), AdditiveProgramming(sigma_ratio=0.2)
    here = programmed_moments(g, model, g_max=G_MAX)
    there = programmed_moments(g * 1e6, model, g_max=G_MAX * 1e6)
    for mine, theirs in zip(here, there, strict=True):
        assert mine.shape == (2, 2)
        torch.testing.assert_close(theirs, 1e6 * mine, rtol=1e-12, atol=0)
