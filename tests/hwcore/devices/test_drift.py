"""What every model of drift has to do, asked of each, and the phase-change memory against its paper and aihwkit."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.devices import at_time, drift_exponents
from hwcore.devices.drift import PUBLISHED_MOMENTS, exponent_moments
from hwcore.spec import DRIFT_MODELS, Drift, LogarithmicFit, PowerLawDrift
from hwcore.streams import CHIPS, stream
from tests.hwcore.devices.models import drift, ends, every

MODELS: tuple[Drift, ...] = (
    PowerLawDrift(exponent=0.05),
    PowerLawDrift(exponent=0.03, exponent_sigma=0.02, t0=10.0),
    *every(DRIFT_MODELS),
)
PCM = drift("pcm_joshi_2020")
AIHWKIT: dict[str, Any] = json.loads(Path(__file__).parent.joinpath("golden/aihwkit.json").read_text())
CELLS = 1_000_000
YEAR = 31_536_000.0
every_model = pytest.mark.parametrize("model", MODELS, ids=str)


def across(model: Drift = PCM, count: int = 41) -> torch.Tensor:
    return torch.linspace(*ends(model, 25e-6), count, dtype=torch.float64)


@every_model
def test_at_t0_nothing_has_drifted(model: Drift) -> None:
    g = across(model)
    assert torch.equal(at_time(g, drift_exponents(g, model, generator=stream(0)), model, t=model.t0), g)


def test_without_an_exponent_nothing_drifts_at_any_time() -> None:
    off = PowerLawDrift(exponent=0.0)
    assert torch.equal(at_time(across(), drift_exponents(across(), off, generator=stream(0)), off, t=YEAR), across())


def test_by_hand() -> None:
    model = PowerLawDrift(exponent=0.5, t0=2.0)
    g = torch.tensor([1e-6, 4e-6], dtype=torch.float64)
    nu = drift_exponents(g, model, generator=stream(0))
    assert nu.tolist() == [0.5, 0.5]
    # Nine times t0 to the power of a half: a third is left.
    torch.testing.assert_close(at_time(g, nu, model, t=18.0), g / 3, rtol=1e-14, atol=0)


@every_model
def test_time_after_time_is_time_at_once(model: Drift) -> None:
    # (t / t0)^-nu: what a power law does between two times depends on their ratio alone.
    g = across(model)
    nu = drift_exponents(g, model, generator=stream(0))
    there = at_time(at_time(g, nu, model, t=model.t0 * 30), nu, model, t=model.t0 * 40)
    torch.testing.assert_close(at_time(g, nu, model, t=model.t0 * 1200), there, rtol=1e-12, atol=0)
    assert bool((there <= g).all())


def test_phase_change_memory_as_printed() -> None:
    x = torch.tensor([0.0, 0.01, 0.05, 0.1, 0.25, 1.0], dtype=torch.float64)
    mean, sigma = exponent_moments(25e-6 * x, PCM)
    assert mean.tolist() == pytest.approx([0.1, 0.0958, 0.0708, 0.0601, 0.049, 0.049], abs=5e-5)
    assert sigma.tolist() == pytest.approx([0.045, 0.0450, 0.0315, 0.0229, 0.0114, 0.008], abs=5e-5)


def test_phase_change_memory_as_aihwkit_computes_it() -> None:
    golden, model = AIHWKIT["pcm_joshi_2020"], PCM
    g, mean, sigma = (
        torch.tensor(golden[key], dtype=torch.float64) for key in ("g", "exponent_mean", "exponent_sigma")
    )
    found_mean, found_sigma = exponent_moments(g, model)
    torch.testing.assert_close(found_mean, mean, rtol=1e-9, atol=0)
    torch.testing.assert_close(found_sigma, sigma, rtol=1e-9, atol=0)
    for t, expected in golden["drifted"].items():
        found = at_time(g, mean, model, t=float(t))
        torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), rtol=1e-9, atol=0)


@pytest.mark.parametrize("x", [0.001, 0.05, 0.5])
def test_exponents_of_a_million_devices(x: float) -> None:
    model = PCM
    g = torch.full((CELLS,), 25e-6 * x, dtype=torch.float64)
    nu = drift_exponents(g, model, generator=stream(1))
    m, s = (float(moment) for moment in exponent_moments(g[0], model))
    # |m + s xi| is a folded normal variable: its mean by hand, its second moment that of the unfolded one.
    phi = math.erf(m / (s * math.sqrt(2)))
    mean = s * math.sqrt(2 / math.pi) * math.exp(-(m**2) / (2 * s**2)) + m * phi
    spread = math.sqrt(m**2 + s**2 - mean**2)
    assert float(nu.min()) >= 0
    assert abs(float(nu.mean()) - mean) < 4.5 * spread / math.sqrt(CELLS)
    assert abs(float(nu.std()) - spread) < 4.5 * spread / math.sqrt(2 * CELLS)


def test_the_gradient_is_that_of_the_power() -> None:
    g = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    nu = torch.tensor([0.05, 0.1], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda g, nu: at_time(g, nu, PowerLawDrift(exponent=0.1), t=1e3), (g, nu))


@every_model
def test_a_chip_is_its_stream_whatever_it_is_drawn_with(model: Drift) -> None:
    g = across(model, 60).reshape(12, 5)
    alone = drift_exponents(g, model, generator=stream(7, CHIPS, 2))
    many = drift_exponents(g, model, generator=[stream(7, CHIPS, number) for number in range(3)])
    assert many.shape == (3, 12, 5)
    assert torch.equal(many[2], alone)
    # Conductances of one chip spread over all, and chips of their own go with their exponents.
    assert at_time(g, many, model, t=YEAR).shape == (3, 12, 5)
    assert torch.equal(at_time(g.expand(3, 12, 5), many, model, t=YEAR)[2], at_time(g, alone, model, t=YEAR))


@every_model
@pytest.mark.parametrize("share", [0.0, 0.999, -1.0, math.nan, math.inf])
def test_a_time_before_t0_is_refused(model: Drift, share: float) -> None:
    t = share * model.t0
    words = f"t: got {t:g} s; allowed: a finite time from {model.t0:g} s after the write, the t0 of {model.type}"
    with pytest.raises(ValueError, match=re.escape(words)):
        at_time(across(model), torch.zeros_like(across(model)), model, t=t)


def test_conductances_outside_of_the_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("allowed: 0 to 2.5e-05 S, the conductances that pcm_joshi_2020")):
        drift_exponents(across() * 1.01, PCM, generator=stream(0))


def test_every_kind_of_fit_has_its_function() -> None:
    assert set(PUBLISHED_MOMENTS) == {LogarithmicFit}
