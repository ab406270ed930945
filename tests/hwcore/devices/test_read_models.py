"""Laws of every model of read noise; a published device joins with its document."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from hwcore.devices import read, read_sigma
from hwcore.devices.draw import standard_normal
from hwcore.devices.read_noise import PUBLISHED_SIGMA
from hwcore.spec import (
    READ_MODELS,
    AdditiveRead,
    FlickerFit,
    ProportionalRead,
    PublishedRead,
    Read,
    SaturatingFit,
)
from hwcore.streams import CHIPS, stream
from tests.hwcore.devices.models import ends, every, read_noise

MODELS: tuple[Read, ...] = (
    AdditiveRead(sigma_ratio=0.02),
    ProportionalRead(sigma_ratio=0.05),
    *every(READ_MODELS),
)
FITTED: list[PublishedRead] = [model for model in MODELS if isinstance(model, PublishedRead)]
PCM, SONOS = read_noise("pcm_joshi_2020"), read_noise("sonos_agrawal_2022")
AIHWKIT: dict[str, Any] = json.loads(Path(__file__).parent.joinpath("golden/aihwkit.json").read_text())
G_MAX = 1e-5
PRODUCTS = 1_000_000
every_model = pytest.mark.parametrize("model", MODELS, ids=str)
every_fit = pytest.mark.parametrize("model", FITTED, ids=str)


def across(model: Read, count: int = 41) -> torch.Tensor:
    """Conductances from one end of the model's range to the other."""
    return torch.linspace(*ends(model, G_MAX), count, dtype=torch.float64)


def sigma_of(model: Read, g: torch.Tensor, t: float = 3600.0) -> torch.Tensor:
    return read_sigma(g, model, g_target=g, g_max=G_MAX, t=t)


def seen(model: Read, g: torch.Tensor, generator: Any) -> torch.Tensor:
    target = g if isinstance(generator, torch.Generator) else g[0]
    return read(g, model, g_target=target, g_max=G_MAX, t=3600.0, generator=generator)


@pytest.mark.parametrize("off", [AdditiveRead(sigma_ratio=0.0), ProportionalRead(sigma_ratio=0.0)], ids=str)
def test_without_noise_every_product_sees_what_the_cells_hold(off: Read) -> None:
    assert torch.equal(seen(off, across(off), stream(0)), across(off))


@every_model
def test_a_read_is_its_formula(model: Read) -> None:
    g = across(model)
    xi = standard_normal(g.shape, stream(5))
    torch.testing.assert_close(seen(model, g, stream(5)), g + sigma_of(model, g) * xi, rtol=1e-14, atol=0)


def test_the_generic_ones_by_hand() -> None:
    g = torch.tensor([0.0, 5e-6, 1e-5], dtype=torch.float64)
    additive = sigma_of(AdditiveRead(sigma_ratio=0.02), g)
    torch.testing.assert_close(additive, torch.full_like(g, 2e-7), rtol=1e-14, atol=0)
    proportional = sigma_of(ProportionalRead(sigma_ratio=0.02), g)
    torch.testing.assert_close(proportional, 0.02 * g, rtol=1e-14, atol=0)


def test_phase_change_memory_as_printed() -> None:
    # After (2 e - 1) reads the logarithm is 1 and sigma / g is Q.
    t = 250e-9 * (2 * math.e - 1)
    g = 25e-6 * torch.tensor([0.01, 0.1, 0.5, 1.0], dtype=torch.float64)
    found = read_sigma(g, PCM, g_target=g, g_max=1.0, t=t) / g
    assert found.tolist() == pytest.approx([0.1756, 0.0393, 0.0138, 0.0088], abs=5e-5)
    weak = 25e-6 * torch.tensor([0.001], dtype=torch.float64)
    assert float(read_sigma(weak, PCM, g_target=weak, g_max=1.0, t=t) / weak) == pytest.approx(0.2)
    # One read after the write there is no noise yet.
    assert not read_sigma(g, PCM, g_target=g, g_max=1.0, t=250e-9).any()


def test_phase_change_memory_as_aihwkit_computes_it() -> None:
    golden = AIHWKIT["pcm_joshi_2020"]
    g = torch.tensor(golden["g"], dtype=torch.float64)
    for t, expected in golden["read_sigma"].items():
        found = read_sigma(g, PCM, g_target=g, g_max=1.0, t=float(t))
        torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64), rtol=1e-9, atol=0)


def test_a_drifted_cell_is_told_by_what_was_written() -> None:
    target = torch.tensor([1e-5], dtype=torch.float64)
    whole, half = (read_sigma(share * target, PCM, g_target=target, g_max=1.0, t=60.0) for share in (1.0, 0.5))
    torch.testing.assert_close(half, whole / 2, rtol=1e-14, atol=0)


def test_charge_trap_memory_in_currents() -> None:
    # A (1 - 1/e) at I = B, in nA; at 0.1 V 1 nA is 0.01 uS.
    g = torch.tensor([0.0, 215.36557e-8], dtype=torch.float64)
    off, at_b = sigma_of(SONOS, g).tolist()
    assert off == 0.0
    assert at_b == pytest.approx(12.58037e-8 * 0.6321205588285577, rel=1e-12)


@every_model
@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_mean_and_spread_over_a_million_products(model: Read, share: float) -> None:
    low, high = ends(model, G_MAX)
    held = low + share * (high - low)
    g = torch.full((PRODUCTS,), held, dtype=torch.float64)
    found, sigma = seen(model, g, stream(3)), float(sigma_of(model, g[:1]))
    # Nothing is clamped: the mean is what the cell holds, and the errors are normal.
    assert abs(float(found.mean()) - held) < 4.5 * sigma / math.sqrt(PRODUCTS)
    assert abs(float(found.std()) - sigma) < 4.5 * sigma / math.sqrt(2 * PRODUCTS)


@every_model
def test_the_gradient_of_its_spread_is_the_finite_difference(model: Read) -> None:
    # In units of the range, so that the step of the difference is one of them.
    low, high = ends(model, G_MAX)

    def sigma(share: torch.Tensor) -> torch.Tensor:
        return sigma_of(model, low + share * (high - low)) / high

    inside = torch.linspace(0.02, 0.98, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(sigma, inside, eps=1e-6, atol=1e-9, rtol=1e-6)


@every_model
def test_chips_in_front_are_those_that_are_read_alone(model: Read) -> None:
    g = torch.stack([across(model, 20).reshape(4, 5) * factor for factor in (1.0, 0.9, 0.8)])
    target = g[0]

    def one(number: int) -> torch.Tensor:
        generator = stream(7, CHIPS, number)
        return read(g[number], model, g_target=target, g_max=G_MAX, t=60.0, generator=generator)

    every = [stream(7, CHIPS, number) for number in range(3)]
    many = read(g, model, g_target=target, g_max=G_MAX, t=60.0, generator=every)
    assert torch.equal(many, torch.stack([one(number) for number in range(3)]))
    assert torch.equal(one(1), one(1))
    # The next product of the same chip is another one.
    again = read(g, model, g_target=target, g_max=G_MAX, t=60.0, generator=every)
    assert not torch.equal(again, many)


@every_fit
def test_outside_of_what_it_was_fitted_on_it_says_so(model: PublishedRead) -> None:
    low, high = model.g_range
    g = torch.tensor([low, high * 1.001], dtype=torch.float64)
    words = f"allowed: {low:.9g} to {high:.9g} S, the conductances that {model.type} was fitted on"
    with pytest.raises(ValueError, match=re.escape(words)):
        sigma_of(model, g)
    # What a cell drifted or was written to may lie outside: its target does not.
    read_sigma(g, model, g_target=g.clamp(max=high), g_max=G_MAX, t=60.0)


@pytest.mark.parametrize("t", [0.0, 249e-9, -1.0, math.nan, math.inf])
def test_a_time_before_the_first_read_is_refused(t: float) -> None:
    with pytest.raises(ValueError, match=re.escape(f"t: got {t:g} s; allowed: a finite time from 2.5e-07 s")):
        sigma_of(PCM, across(PCM), t=t)


def test_every_kind_of_fit_has_its_function() -> None:
    assert set(PUBLISHED_SIGMA) == {FlickerFit, SaturatingFit}
