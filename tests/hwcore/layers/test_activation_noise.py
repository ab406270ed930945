"""Noise before the activations: its law, its end, and that nothing of it is left."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from hwcore.layers import HardwareActivation, noisy_activations
from hwcore.layers.activation_noise import ActivationNoise
from hwcore.quant import activation_function, smooth_staircase
from hwcore.spec import Activation
from hwcore.streams import stream


class Seen(ActivationNoise):
    """Keeps what it has made of its inputs."""

    def __call__(self, x: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        self.after = super().__call__(x, step)
        return self.after


def network(**described: Any) -> nn.Sequential:
    return nn.Sequential(HardwareActivation(Activation(**described), initial_range=3.0)).double().train()


def begun(width: float, total: int = 10) -> ActivationNoise:
    """In its first call."""
    noise = ActivationNoise(width, total, stream(0))
    noise.begin()
    return noise


def test_the_law_of_a_million() -> None:
    width, step = 0.5, 2.0
    x = torch.zeros(1_000_000, dtype=torch.float64)
    noise = begun(width)(x, torch.tensor(step, dtype=torch.float64)) / (width * step)
    assert noise.unique().tolist() == pytest.approx([(k + 0.5) / 256 for k in range(-128, 128)])
    # Uniform: deviation 12^(-1/2); the mean of a million within five of its standard errors.
    assert float(noise.std()) == pytest.approx(12**-0.5, rel=0.005)
    assert abs(float(noise.mean())) < 5 * 12**-0.5 / 1000


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
        noise = module[0].dither
        seen = Seen(noise.width, noise.total, noise.generator)
        seen.calls = 1
        with module[0].dithered(seen):
            module(x)
        assert module[0].dither is noise
    away = (seen.after - plain).detach()
    assert float(away.max() - away.min()) == pytest.approx(step, rel=0.01)


def test_it_falls_on_a_line_to_nothing() -> None:
    module, widths = network(bits=2), []
    with noisy_activations(module, stream(0), width=0.8, total=4) as noise:
        for _ in range(6):
            module(torch.zeros(3, dtype=torch.float64))
            widths.append(noise.now)
        module.eval()
        module(torch.zeros(3, dtype=torch.float64))
        assert noise.calls == 6
    assert widths == pytest.approx([0.8, 0.6, 0.4, 0.2, 0.0, 0.0])


def test_only_in_training_mode_and_only_within() -> None:
    module = network(bits=2)
    x = torch.rand(1000, dtype=torch.float64) * 3
    plain, hard = module(x), module.eval()(x)
    with noisy_activations(module, stream(0), width=1.0, total=10):
        assert torch.equal(module.eval()(x), hard)
        assert not torch.equal(module.train()(x), plain)
        assert not torch.equal(module(x), module(x))
    assert module[0].dither is None
    assert torch.equal(module(x), plain)


@pytest.mark.parametrize(("described", "width"), [({}, 1.0), ({"bits": 2}, 0.0)], ids=["no bits", "no width"])
def test_without_levels_or_width_there_is_none(described: dict[str, Any], width: float) -> None:
    module = network(**described)
    x = torch.rand(1000, dtype=torch.float64) * 3
    plain = module(x)
    with noisy_activations(module, stream(0), width=width, total=10):
        assert torch.equal(module(x), plain)


@pytest.mark.parametrize("function", ["relu", "sigmoid", "tanh"])
def test_value_and_slope_are_those_of_the_place_that_was_read(function: Any) -> None:
    # The function comes first, and the range is trained: the noise is a share of it.
    module = network(bits=2, function=function, range="learned")
    activation = module[0]
    activation.staircase.sharpen(3.0)
    x = torch.linspace(-3, 3, 200, dtype=torch.float64, requires_grad=True)
    with noisy_activations(module, stream(0), width=1.0, total=10) as noise:
        state = noise.generator.get_state()
        found = module(x)
    gradients = torch.autograd.grad(found.sum(), [x, activation.log_range])

    noise.generator.set_state(state)
    u = noise(torch.zeros(200, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64))
    y, log_range = (each.detach().clone().requires_grad_() for each in (x, activation.log_range))
    r, step = log_range.exp(), (2 if function == "tanh" else 1) / 3
    before = y if function == "relu" else activation_function(function)(y)
    expected = r * smooth_staircase((before + u * step * r) / r, activation.staircase.exact, 3.0)
    torch.testing.assert_close(found.detach(), expected.detach(), rtol=0, atol=0.05)
    for ours, theirs in zip(gradients, torch.autograd.grad(expected.sum(), [y, log_range]), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0.02, atol=0.05)


def test_straight_through_has_it_as_well() -> None:
    module = nn.Sequential(HardwareActivation(Activation(bits=2), method="straight_through", initial_range=3.0)).train()
    x = torch.full((20_000,), 0.4)
    with noisy_activations(module, stream(0), width=1.0, total=10):
        found = module(x).detach()
    # 0.4 + u is above the threshold at 0.5 where u is above 0.1: in four of ten draws.
    assert found.unique().tolist() == [0.0, 1.0]
    assert float(found.mean()) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("shape", [(3, 5), (0, 5), (2, 3, 4, 4)])
def test_shape_and_dtype_are_those_of_the_input(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    x = torch.zeros(shape, dtype=dtype)
    found = begun(1.0)(x, torch.tensor(1.0))
    assert (found.shape, found.dtype) == (x.shape, dtype)
    if len(shape) == 4:
        # Maps that are stored position by position have the same noise.
        assert torch.equal(begun(1.0)(x.to(memory_format=torch.channels_last), torch.tensor(1.0)), found)


def test_nothing_is_left_after_a_failure() -> None:
    module = network(bits=2)

    def fail() -> None:
        with noisy_activations(module, stream(0), width=1.0, total=10) as noise:
            assert module[0].dither is noise
            raise KeyError("something went wrong")

    with pytest.raises(KeyError):
        fail()
    assert module[0].dither is None
    assert not module._forward_pre_hooks


def test_a_snapshot_brings_the_same_draws() -> None:
    first = begun(1.0)
    x, step = torch.zeros(64), torch.tensor(1.0)
    first(x, step)
    kept = first.snapshot()
    expected = first(x, step)
    again = ActivationNoise(1.0, 10, stream(1))
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
