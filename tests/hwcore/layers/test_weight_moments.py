"""Mean and spread of a weight as a product at some time sees it, against cells drawn one by one."""

import math
from typing import Any

import pytest
import torch

from hwcore.devices import at_time, drift_exponents, program, read
from hwcore.layers import HardwareLinear, HardwareNetwork, noisy_weights
from hwcore.layers.weight_moments import expected_factor, read_spread, weight_moments
from hwcore.spec import Hardware, component_tables, dense_graph, representable
from hwcore.streams import stream
from tests.hwcore.spec.chips import chip

CELLS = 1_000_000
CELL: dict[str, Any] = {"levels": 3, "g_max": 2e-5, "on_off_ratio": 8, "negative": {"gain": 0.8}}
GENERIC: dict[str, Any] = {
    "programming": {"type": "proportional", "sigma_ratio": 0.1},
    "drift": {"type": "power_law", "exponent": 0.06, "exponent_sigma": 0.03},
    "read": {"type": "proportional", "sigma_ratio": 0.05},
}
PCM: dict[str, Any] = {
    "programming": {"type": "pcm_joshi_2020"},
    "drift": {"type": "pcm_joshi_2020"},
    "read": {"type": "pcm_joshi_2020"},
}
ADDITIVE: dict[str, Any] = {"read": {"type": "additive", "sigma_ratio": 0.07}}
DAY = 86400.0


def drawn(hardware: Hardware, k: int, t: float) -> torch.Tensor:
    """The k-th weight on a million chips, in one product of each, over the largest weight."""
    weights, tables, noise = representable(hardware), component_tables(hardware.cell), hardware.noise
    generator, sides = stream(k), []
    for levels, code in ((tables.g_pos, weights.code_pos[k]), (tables.g_neg, weights.code_neg[k])):
        target = torch.full((CELLS,), float(levels[code]), dtype=torch.float64)
        g, g_max = target, float(levels.max())
        if noise.programming is not None:
            g = program(target, noise.programming, g_max=g_max, generator=generator)
        if noise.drift is not None:
            g = at_time(g, drift_exponents(target, noise.drift, generator=generator), noise.drift, t=t)
        if noise.read is not None:
            g = read(g, noise.read, g_target=target, g_max=g_max, t=t, generator=generator)
        sides.append(g)
    return (sides[0] - sides[1]) / weights.g_reference


@pytest.mark.parametrize("noise", [GENERIC, PCM, ADDITIVE], ids=["generic", "pcm", "additive read noise"])
def test_the_moments_are_those_of_a_million_cells(noise: dict[str, Any]) -> None:
    hardware = chip(CELL, noise=noise)
    mean, spread = weight_moments(hardware, effects=("programming", "drift"), t=DAY)
    spread = torch.hypot(spread, read_spread(hardware, effects=("programming", "drift"), t=DAY))
    for k in range(len(mean)):
        found = drawn(hardware, k, DAY)
        centred = found - found.mean()
        variance = float(centred.square().mean())
        kurtosis = float(centred.pow(4).mean()) / variance**2
        assert abs(float(found.mean() - mean[k])) < 4.5 * math.sqrt(variance / CELLS)
        error = math.sqrt(variance * (kurtosis - 1) / (4 * CELLS))
        assert abs(math.sqrt(variance) - float(spread[k])) < 4.5 * error


def test_read_noise_by_hand() -> None:
    # Levels of 0 and 8 uS on one side, 0 and 4 uS on the other: 0.1 x 8 uS beside 0.1 x 4 uS, over 8 uS.
    noise = {"read": {"type": "additive", "sigma_ratio": 0.1}}
    hardware = chip({"levels": 2, "g_max": 8e-6, "negative": {"gain": 0.5}}, noise=noise)
    assert read_spread(hardware).tolist() == pytest.approx([math.hypot(0.1, 0.05)] * 3)


def test_what_is_not_asked_for_is_not_there() -> None:
    hardware = chip(CELL, noise=PCM)
    mean, spread = weight_moments(hardware, effects=())
    assert torch.equal(mean, torch.from_numpy(representable(hardware).normalized))
    assert not spread.any()
    silent = weight_moments(chip(CELL), effects=("programming", "drift"))
    assert not read_spread(chip(CELL)).any()
    assert torch.equal(mean, silent[0])
    assert not silent[1].any()


def test_compensation_brings_back_what_all_weights_lose_alike() -> None:
    hardware = chip(CELL, noise={"drift": {"type": "power_law", "exponent": 0.1, "compensation": "per_tile"}})
    drift = hardware.noise.drift
    assert drift is not None
    before = weight_moments(hardware, effects=("programming", "drift"), t=drift.t0)
    now = weight_moments(hardware, effects=("programming", "drift"), t=DAY)
    use = torch.tensor([1.0, 5.0, 20.0, 3.0, 2.0], dtype=torch.float64)
    assert expected_factor(before, now, use, "per_tile") == pytest.approx(DAY**0.1, rel=1e-9)
    assert expected_factor(before, now, use, "per_column") == pytest.approx(DAY**0.1, rel=1e-9)
    assert expected_factor(before, now, use, "none") == 1.0
    gone = (torch.zeros(5, dtype=torch.float64), torch.zeros(5, dtype=torch.float64))
    assert expected_factor(before, gone, use, "per_tile") == 1.0


@pytest.mark.parametrize("compensation", ["none", "per_tile", "per_column"])
@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_every_batch_has_one_time_and_all_of_them_come_up(method: Any, compensation: str) -> None:
    drift = {"type": "power_law", "exponent": 0.2, "compensation": compensation}
    hardware = chip({"levels": 3, "g_max": 1e-5}, noise={"drift": drift})
    network = HardwareNetwork(dense_graph((6, 5, 4)), hardware, method=method, generator=stream(9)).train()
    network.layers[0].staircase.sharpen(24.0, 1.0)
    times = (1.0, 100.0, 10000.0)
    found = set()
    with noisy_weights(network, hardware, stream(0), effects=("programming", "drift"), times=times):
        for _ in range(60):
            network(torch.rand(3, 6))
            ratios = set()
            for layer in network.layers:
                index = layer.staircase.index(layer.theta)
                hard, weights = layer.staircase.exact[index], layer.weights()[0].detach().double()
                ratios |= {round(float(each), 3) for each in (weights / hard)[hard != 0]}
            assert len(ratios) == 1
            found |= ratios
    assert found == ({1.0} if compensation != "none" else {round(t**-0.2, 3) for t in times})


def test_evaluation_and_what_comes_after_are_as_ever() -> None:
    hardware = chip(CELL, noise=PCM)
    layer, x = HardwareLinear(7, 3, hardware, generator=stream(0)), torch.rand(4, 7)
    soft, hard = layer.train()(x), layer.eval()(x)
    with noisy_weights(layer, hardware, stream(0), effects=("programming", "drift", "read"), times=(20.0, DAY)):
        assert torch.equal(layer(x), hard)
        assert not torch.equal(layer.train()(x), soft)
    assert torch.equal(layer(x), soft)
    assert not layer._forward_pre_hooks


def test_the_gradient_is_that_of_what_is_left() -> None:
    hardware = chip({"levels": 3, "g_max": 1e-5}, noise={"drift": {"type": "power_law", "exponent": 0.5}})
    layer = HardwareLinear(7, 3, hardware, generator=stream(0))
    (plain,) = torch.autograd.grad(layer.weights()[0].sum(), layer.theta)
    with noisy_weights(layer, hardware, stream(0), effects=("programming", "drift"), times=(16.0,)):
        (found,) = torch.autograd.grad(layer.weights()[0].sum(), layer.theta)
    torch.testing.assert_close(found, plain / 4, rtol=1e-4, atol=1e-6)


def test_times_that_are_none_are_refused() -> None:
    hardware = chip(CELL, noise=PCM)
    layer = HardwareLinear(7, 3, hardware)
    with pytest.raises(ValueError, match="times: got none"), noisy_weights(layer, hardware, stream(0), times=()):
        pass
    with (
        pytest.raises(ValueError, match="from 20 s"),
        noisy_weights(layer, hardware, stream(0), effects=("programming", "drift"), times=(1.0,)),
    ):
        pass
