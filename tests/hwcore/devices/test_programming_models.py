"""Laws of every model of programming noise; a published device joins with its document."""

import math
import re

import pytest
import torch

from hwcore.devices import program, programmed_moments, programming_sigma
from hwcore.devices.draw import standard_normal
from hwcore.devices.programming import PUBLISHED_SIGMA
from hwcore.spec import (
    PROGRAMMING_MODELS,
    AdditiveProgramming,
    Fitted,
    LogNormalProgramming,
    PolynomialFit,
    Programming,
    ProportionalProgramming,
    SaturatingFit,
)
from hwcore.streams import CHIPS, stream
from tests.hwcore.devices.models import ends as ends_of
from tests.hwcore.devices.models import every

MODELS: tuple[Programming, ...] = (
    AdditiveProgramming(sigma_ratio=0.05),
    ProportionalProgramming(sigma_ratio=0.3),
    LogNormalProgramming(log_sigma_on=0.25, log_sigma_off=0.25, g_on=4e-5, g_off=1e-6),
    LogNormalProgramming(log_sigma_on=0.05, log_sigma_off=0.5, g_on=4e-5, g_off=1e-6),
    *every(PROGRAMMING_MODELS),
)
FITTED = [model for model in MODELS if isinstance(model, Fitted)]
G_MAX = 4e-5
WRITES = 1_000_000

every_model = pytest.mark.parametrize("model", MODELS, ids=str)
every_fit = pytest.mark.parametrize("model", FITTED, ids=str)


def ends(model: Programming) -> tuple[float, float]:
    return ends_of(model, G_MAX)


def across(model: Programming, count: int = 41) -> torch.Tensor:
    """Conductances from one end of the model's range to the other."""
    return torch.linspace(*ends(model), count, dtype=torch.float64)


@every_model
def test_a_write_is_its_formula(model: Programming) -> None:
    g = across(model)
    found, xi = program(g, model, g_max=G_MAX, generator=stream(5)), standard_normal(g.shape, stream(5))
    if isinstance(model, LogNormalProgramming):
        r, r_on, r_off = 1 / g, 1 / model.g_on, 1 / model.g_off
        s = model.log_sigma_on + (model.log_sigma_off - model.log_sigma_on) * (r - r_on) / (r_off - r_on)
        expected = 1 / (r * torch.exp(s * xi - s**2 / 2))
    else:
        expected = (g + programming_sigma(g, model, g_max=G_MAX) * xi).clamp(min=0)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


@every_model
def test_its_moments_are_finite_and_not_negative_over_the_whole_range(model: Programming) -> None:
    g = across(model, 1001)
    for moment in (programming_sigma(g, model, g_max=G_MAX), *programmed_moments(g, model, g_max=G_MAX)):
        assert bool((torch.isfinite(moment) & (moment >= 0)).all())


@every_model
@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_its_moments_are_those_of_a_million_writes(model: Programming, share: float) -> None:
    low, high = ends(model)
    g = torch.tensor(low + share * (high - low), dtype=torch.float64)
    found = program(g.expand(WRITES), model, g_max=G_MAX, generator=stream(3, round(100 * share)))
    mean, spread = (float(moment) for moment in programmed_moments(g, model, g_max=G_MAX))
    assert float(found.min()) >= 0
    if spread == 0:
        assert bool((found == g).all())
        return
    centred = found - found.mean()
    kurtosis = float(centred.square().square().mean()) / float(centred.square().mean()) ** 2
    # Standard errors: s / sqrt(n) of the mean, s sqrt((kurtosis - 1) / 4 n) of the standard deviation.
    assert abs(float(found.mean()) - mean) < 4.5 * spread / math.sqrt(WRITES)
    assert abs(float(found.std()) - spread) < 4.5 * spread * math.sqrt((kurtosis - 1) / (4 * WRITES))


@every_model
def test_the_gradient_of_its_spread_is_the_finite_difference(model: Programming) -> None:
    # In units of the range, so that the step of the difference is one of them.
    low, high = ends(model)

    def sigma(share: torch.Tensor) -> torch.Tensor:
        return programming_sigma(low + share * (high - low), model, g_max=G_MAX) / high

    inside = torch.linspace(0.02, 0.98, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(sigma, inside, eps=1e-6, atol=1e-9, rtol=1e-6)


@every_model
@pytest.mark.parametrize("shape", [(), (0,), (3, 4), (2, 3, 4)])
def test_shape_dtype_and_what_is_told_are_kept(model: Programming, shape: tuple[int, ...]) -> None:
    g = torch.full(shape, sum(ends(model)) / 2, dtype=torch.float64)
    told = g.clone()
    found = program(g, model, g_max=G_MAX, generator=stream(0))
    assert (found.shape, found.dtype) == (shape, torch.float64)
    many = program(g, model, g_max=G_MAX, generator=[stream(0), stream(1), stream(2)])
    assert (many.shape, many.dtype) == ((3, *shape), torch.float64)
    assert torch.equal(g, told)


@every_model
def test_a_chip_is_its_stream_whatever_it_is_drawn_with(model: Programming) -> None:
    g = across(model, 60).reshape(12, 5)

    def chips(*numbers: int) -> torch.Tensor:
        return program(g, model, g_max=G_MAX, generator=[stream(7, CHIPS, number) for number in numbers])

    alone = program(g, model, g_max=G_MAX, generator=stream(7, CHIPS, 2))
    assert torch.equal(alone, chips(0, 1, 2)[2])
    assert torch.equal(alone, chips(2, 9)[0])
    assert not torch.equal(alone, chips(0)[0])


@every_fit
def test_outside_of_what_it_was_fitted_on_it_says_so(model: Fitted) -> None:
    low, high = model.g_range
    outside = [(high * 1.001, high * 1.001), (math.nan, math.nan)]
    outside += [(low * 0.999, low * 0.999)] if low > 0 else [(-1e-9, -1e-9)]
    for bad, got in outside:
        g = torch.tensor([(low + high) / 2, bad], dtype=torch.float64)
        words = f"g: got {got:.9g} S; allowed: {low:.9g} to {high:.9g} S, the conductances that {model.type} was fitted"
        for refusing in (
            lambda g=g: programming_sigma(g, model, g_max=G_MAX),
            lambda g=g: program(g, model, g_max=G_MAX, generator=stream(0)),
            lambda g=g: programmed_moments(g, model, g_max=G_MAX),
        ):
            with pytest.raises(ValueError, match=re.escape(words)):
                refusing()


@every_fit
def test_a_level_on_the_edge_is_no_stranger_for_its_last_digit(model: Fitted) -> None:
    edges = torch.tensor(model.g_range, dtype=torch.float64) * (1 + 1e-12)
    programming_sigma(edges, model, g_max=G_MAX)
    programming_sigma(edges / (1 + 1e-12) * (1 - 1e-12), model, g_max=G_MAX)


@every_fit
def test_the_largest_conductance_of_a_component_does_not_change_a_device(model: Fitted) -> None:
    g = across(model)
    assert torch.equal(programming_sigma(g, model, g_max=G_MAX), programming_sigma(g, model, g_max=3 * G_MAX))


def test_every_kind_of_fit_has_its_function() -> None:
    assert set(PUBLISHED_SIGMA) == {PolynomialFit, SaturatingFit}
