"""What drift leaves on average and how far it scatters: the closed form against devices drawn one by one."""

import math

import pytest
import torch

from hwcore.devices import at_time, drift_exponents, drift_moments
from hwcore.devices.drift import exponent_moments
from hwcore.spec import DRIFT_MODELS, Drift, PowerLawDrift
from hwcore.streams import stream
from tests.hwcore.devices.models import drift, ends, every

CELLS = 1_000_000
YEAR = 31_536_000.0
MODELS: tuple[Drift, ...] = (
    PowerLawDrift(exponent=0.05),
    PowerLawDrift(exponent=0.03, exponent_sigma=0.06, t0=10.0),
    PowerLawDrift(exponent=0.0, exponent_sigma=0.1),
    *every(DRIFT_MODELS),
)
PCM = drift("pcm_joshi_2020")
every_model = pytest.mark.parametrize("model", MODELS, ids=str)


def levels(model: Drift = PCM) -> torch.Tensor:
    low, high = ends(model, 25e-6)
    return low + (high - low) * torch.tensor([0.01, 0.2, 1.0], dtype=torch.float64)


@every_model
def test_at_t0_nothing_has_drifted(model: Drift) -> None:
    mean, spread = drift_moments(levels(model), model, t=model.t0)
    torch.testing.assert_close(mean, torch.ones_like(mean), rtol=1e-14, atol=0)
    assert float(spread.max()) < 1e-7


def test_by_hand() -> None:
    # Without a spread it is the power itself: nine times t0 to the power of a half.
    model = PowerLawDrift(exponent=0.5, t0=2.0)
    mean, spread = drift_moments(levels(), model, t=18.0)
    torch.testing.assert_close(mean, torch.full_like(mean, 1 / 3), rtol=1e-14, atol=0)
    assert float(spread.max()) < 1e-8
    # nu = |s xi|: E[exp(-L nu)] = 2 exp(L^2 s^2 / 2) Phi(-L s), here with L s = 1.
    mean, _ = drift_moments(levels(), PowerLawDrift(exponent=0.0, exponent_sigma=0.5), t=math.exp(2.0))
    expected = math.exp(0.5) * math.erfc(1 / math.sqrt(2))
    torch.testing.assert_close(mean, torch.full_like(mean, expected), rtol=1e-13, atol=0)


@every_model
@pytest.mark.parametrize("after", [60.0, YEAR])
def test_the_moments_are_those_of_a_million_devices(model: Drift, after: float) -> None:
    mean, spread = drift_moments(levels(model), model, t=after)
    for k, level in enumerate(levels(model)):
        g = level.expand(CELLS)
        left = at_time(g, drift_exponents(g, model, generator=stream(k)), model, t=after) / level
        centred = left - left.mean()
        variance = float(centred.square().mean())
        assert abs(float(left.mean() - mean[k])) <= 4.5 * math.sqrt(variance / CELLS) + 1e-12
        kurtosis = float(centred.pow(4).mean()) / variance**2 if variance > 1e-20 else 1.0
        error = math.sqrt(variance * max(kurtosis - 1, 0) / (4 * CELLS))
        assert abs(math.sqrt(variance) - float(spread[k])) <= 4.5 * error + 1e-8


def test_a_narrow_spread_and_a_long_time_do_not_overflow() -> None:
    model = PowerLawDrift(exponent=1.0, exponent_sigma=1.0, t0=1e-9)
    mean, spread = drift_moments(levels(), model, t=3e9)
    assert bool(torch.isfinite(mean).all())
    assert bool(torch.isfinite(spread).all())
    narrow = PowerLawDrift(exponent=0.05, exponent_sigma=1e-12)
    mean, _ = drift_moments(levels(), narrow, t=YEAR)
    torch.testing.assert_close(mean, torch.full_like(mean, YEAR**-0.05), rtol=1e-9, atol=0)


def test_the_deviation_is_that_of_a_small_spread_to_first_order() -> None:
    mu, s = exponent_moments(levels(), PCM)
    mean, spread = drift_moments(levels(), PCM, t=21.0)
    # d f / d nu = -L f, and L is a twentieth here.
    some = mu > 3 * s  # where nothing is folded
    torch.testing.assert_close(spread[some], (math.log(21 / 20) * s * mean)[some], rtol=1e-3, atol=0)
    torch.testing.assert_close(mean, (21 / 20) ** -mu, rtol=1e-4, atol=0)
    assert some.sum() == 2


@pytest.mark.parametrize("t", [19.9, math.inf, math.nan])
def test_times_that_are_none_are_refused(t: float) -> None:
    with pytest.raises(ValueError, match="from 20 s after the write"):
        drift_moments(levels(), PCM, t=t)


def test_conductances_outside_of_the_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="allowed"):
        drift_moments(torch.tensor([5e-5], dtype=torch.float64), PCM, t=60.0)
