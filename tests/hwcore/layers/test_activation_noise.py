"""Noise before the activations: its law, its end, and that nothing of it is left."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from hwcore.layers import HardwareActivation, noisy_activations
from hwcore.layers.dither import Dither
from hwcore.quant import smooth_staircase
from hwcore.spec import Activation
from hwcore.streams import stream


class Seen(Dither):
    """Keeps what it has made of its inputs."""

    def __call__(self, x: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        self.after = super().__call__(x, step)
        return self.after


def network(**described: Any) -> nn.Sequential:
    return nn.Sequential(HardwareActivation(Activation(**described), initial_range=3.0)).double().train()


def begun(width: float, total: int = 10) -> Dither:
    """In its first call."""
    dither = Dither(width, total, stream(0))
    with dither.passing(module := nn.Identity().train()):
        module(torch.zeros(1))
    return dither


def test_the_law_of_a_million() -> None:
    width, step = 0.5, 2.0
    x = torch.zeros(1_000_000, dtype=torch.float64)
    noise = begun(width)(x, torch.tensor(step, dtype=torch.float64)) / (width * step)
    assert -0.5 <= float(noise.min()) < -0.49
    assert 0.49 < float(noise.max()) < 0.5
    # Uniform: deviation 12^(-1/2); the mean of a million within five of its standard errors, and half of 1/256.
    assert float(noise.std()) == pytest.approx(12**-0.5, rel=0.005)
    assert abs(float(noise.mean())) < 5 * 12**-0.5 / 1000 + 1 / 512


@pytest.mark.parametrize(
    ("described", "step"),
    [
        ({"bits": 2}, 1.0),
        ({"bits": 1}, 3.0),
        ({"bits": 2, "function": "tanh"}, 2.0),
        ({"bits": 2, "range": 6.0}, 2.0),
    ],
    ids=str,
)
def test_a_step_is_the_distance_of_two_outputs(described: dict[str, Any], step: float) -> None:
    module = network(**described)
    x = torch.full((100_000,), 0.5, dtype=torch.float64)
    plain = torch.tanh(x) if described.get("function") == "tanh" else x
    with noisy_activations(module, stream(0), width=1.0, total=10):
        dither = module[0].noise
        module[0].noise = seen = Seen(dither.width, dither.total, dither.generator)
        seen.begun = 1
        module(x)
    away = (seen.after - plain).detach()
    assert float(away.max() - away.min()) == pytest.approx(step, rel=0.01)


def test_it_falls_on_a_line_to_nothing() -> None:
    module, widths = network(bits=2), []
    with noisy_activations(module, stream(0), width=0.8, total=4) as dither:
        for _ in range(6):
            module(torch.zeros(3, dtype=torch.float64))
            widths.append(dither.now)
        module.eval()
        module(torch.zeros(3, dtype=torch.float64))
        assert dither.begun == 6
    assert widths == pytest.approx([0.8, 0.6, 0.4, 0.2, 0.0, 0.0])


def test_only_in_training_mode_and_only_within() -> None:
    module = network(bits=2)
    x = torch.rand(1000, dtype=torch.float64) * 3
    plain, hard = module(x), module.eval()(x)
    with noisy_activations(module, stream(0), width=1.0, total=10):
        assert torch.equal(module.eval()(x), hard)
        assert not torch.equal(module.train()(x), plain)
        assert not torch.equal(module(x), module(x))
    assert module[0].noise is None
    assert torch.equal(module(x), plain)


@pytest.mark.parametrize(("described", "width"), [({}, 1.0), ({"bits": 2}, 0.0)], ids=["no bits", "no width"])
def test_without_levels_or_width_there_is_none(described: dict[str, Any], width: float) -> None:
    module = network(**described)
    x = torch.rand(1000, dtype=torch.float64) * 3
    plain = module(x)
    with noisy_activations(module, stream(0), width=width, total=10):
        assert torch.equal(module(x), plain)


def test_value_and_slope_are_those_of_the_place_that_was_read() -> None:
    # sigmoid: the function comes first, and the slope of both is in the gradient. The range is trained as well.
    module = network(bits=2, function="sigmoid", range="learned")
    module[0].staircase.sharpen(3.0)
    x = torch.linspace(-3, 3, 200, dtype=torch.float64, requires_grad=True)
    with noisy_activations(module, stream(0), width=1.0, total=10):
        dither = module[0].noise
        module[0].noise = seen = Seen(dither.width, dither.total, dither.generator)
        seen.begun = 1
        found = module(x)
    (gradient,) = torch.autograd.grad(found.sum(), x)
    noise = (seen.after - torch.sigmoid(x)).detach()
    y = x.detach().clone().requires_grad_()
    levels = module[0].staircase.exact
    expected = 3 * smooth_staircase((torch.sigmoid(y) + noise) / 3, levels, 3.0)
    (slope,) = torch.autograd.grad(expected.sum(), y)
    torch.testing.assert_close(found.detach(), expected.detach(), rtol=0, atol=0.05)
    torch.testing.assert_close(gradient, slope, rtol=0, atol=0.05)


def test_a_snapshot_brings_the_same_draws() -> None:
    first = begun(1.0)
    x, step = torch.zeros(64), torch.tensor(1.0)
    first(x, step)
    kept = first.snapshot()
    expected = first(x, step)
    again = Dither(1.0, 10, stream(1))
    again.restore(kept)
    assert torch.equal(again(x, step), expected)
    assert again.now == first.now


@pytest.mark.parametrize(
    ("width", "total", "message"),
    [
        (-0.1, 1, "width: got -0.1; allowed: a number from 0, in steps"),
        (math.inf, 1, "width: got inf"),
        (math.nan, 1, "width: got nan"),
        (1.0, 0, "total: got 0; allowed: 1 or more"),
    ],
)
def test_what_is_not_allowed_is_said(width: float, total: int, message: str) -> None:
    with (
        pytest.raises(ValueError, match=message),
        noisy_activations(network(bits=2), stream(0), width=width, total=total),
    ):
        pass
