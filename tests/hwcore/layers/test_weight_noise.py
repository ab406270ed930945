"""Programming noise in training: the weights of other chips, as `program` writes them, for every batch anew."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from hwcore.devices import program
from hwcore.layers import HardwareConv2d, HardwareLinear, HardwareNetwork, noisy_weights
from hwcore.layers.contexts import Times
from hwcore.layers.weight_moments import weight_moments
from hwcore.layers.weight_noise import DRAWS, WeightNoise
from hwcore.quant import SampledStaircase, Staircase
from hwcore.spec import Effect, Hardware, Programming, component_tables, dense_graph, representable
from hwcore.streams import stream
from tests.hwcore.layers import drawn_networks
from tests.hwcore.spec.chips import chip

CELLS: dict[str, dict[str, Any]] = {
    "linear": {"levels": 3, "g_max": 8e-6},
    "exponential": drawn_networks.CELLS["exponential, ratio 8, negative at 0.8"],
}
COPIES = 30_000
"""Cells of every weight."""


def described(
    cell: str = "exponential", encoding: str = "sign_select", kind: str = "additive", bias: str = "digital"
) -> Hardware:
    noise = {"programming": {"type": kind, "sigma_ratio": 0.15}}
    return chip(CELLS[cell], weights={"encoding": encoding, "bias": bias}, noise=noise)


def modelled(hardware: Hardware) -> Programming:
    assert hardware.noise.programming is not None
    return hardware.noise.programming


def on_the_values(hardware: Hardware, method: Any = "smooth") -> HardwareLinear:
    """A row of latent weights on each representable value, and values that are read hard."""
    values = torch.from_numpy(representable(hardware).normalized)
    layer = HardwareLinear(COPIES, len(values), hardware, method=method)
    with torch.no_grad():
        layer.theta.copy_(values[:, None].expand_as(layer.theta))
    layer.staircase.sharpen(24.0, 1.0)
    return layer


def spread_error(sample: torch.Tensor) -> float:
    """Standard error of the standard deviation of a sample: s sqrt((kurtosis - 1) / 4 n)."""
    centred = sample - sample.mean()
    variance = float(centred.square().mean())
    kurtosis = float(centred.square().square().mean()) / variance**2
    return math.sqrt(variance * (kurtosis - 1) / (4 * len(sample)))


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
@pytest.mark.parametrize("kind", ["additive", "proportional"])
@pytest.mark.parametrize("encoding", ["sign_select", "full_pair"])
@pytest.mark.parametrize("cell", CELLS)
def test_mean_and_spread_are_those_of_programmed_chips(cell: str, encoding: str, kind: str, method: str) -> None:
    hardware = described(cell, encoding, kind)
    layer, weights, tables = on_the_values(hardware, method), representable(hardware), component_tables(hardware.cell)
    with noisy_weights(layer, hardware, stream(0)):
        found = layer.weights()[0].detach().double()
    assert len(found) == len(weights.normalized)
    generator = stream(1)
    for k, drawn in enumerate(found):
        sides = []
        for levels, code in ((tables.g_pos, weights.code_pos[k]), (tables.g_neg, weights.code_neg[k])):
            g = torch.full((COPIES,), float(levels[code]), dtype=torch.float64)
            sides.append(program(g, modelled(hardware), g_max=float(levels.max()), generator=generator))
        written = (sides[0] - sides[1]) / weights.g_reference
        if not written.any():
            # Two cells that do not conduct, under proportional noise.
            assert float(drawn.abs().max()) < 1e-6
            continue
        error = float(written.std()) * math.sqrt(2 / COPIES)
        assert abs(float(drawn.mean() - written.mean())) < 4.5 * error + 1e-6
        error = math.hypot(spread_error(drawn), spread_error(written))
        assert abs(float(drawn.std() - written.std())) < 4.5 * error + 1e-6


def test_the_moments_by_hand() -> None:
    # Levels of 0, 4 and 8 uS; the sigma of 0.15 x 8 = 1.2 uS is far below the levels that conduct.
    mean, spread = weight_moments(described("linear"))
    assert len(mean) == 5
    off, narrow = 1.2 / math.sqrt(2 * math.pi), 1.2 * math.sqrt(0.5 - 0.5 / math.pi)
    assert mean[4].item() == pytest.approx((8 - off) / 8, rel=1e-9)
    assert spread[4].item() == pytest.approx(math.hypot(1.2, narrow) / 8, rel=1e-8)
    assert abs(mean[2].item()) < 1e-15
    assert spread[2].item() == pytest.approx(math.sqrt(2) * narrow / 8, rel=1e-9)


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_off_outside_and_in_evaluation_and_without_noise(cell: str) -> None:
    hardware, x = described(cell), torch.rand(4, COPIES)
    layer = on_the_values(hardware)
    plain = layer(x)
    with noisy_weights(layer, hardware, stream(0)):
        assert not torch.equal(layer(x), plain)
        assert torch.equal(layer.eval()(x), plain)
        layer.train()
    assert torch.equal(layer(x), plain)
    with noisy_weights(layer, chip(CELLS[cell]), stream(0)):
        assert torch.equal(layer(x), plain)
    silent = chip(CELLS[cell], noise={"programming": {"type": "additive", "sigma_ratio": 0.0}})
    with noisy_weights(layer, silent, stream(0)):
        torch.testing.assert_close(layer(x), plain, rtol=1e-5, atol=1e-5)


@pytest.mark.usefixtures("without_checks_of_types")
def test_every_call_is_another_chip_and_the_seed_decides_which() -> None:
    hardware, x = described(), torch.rand(3, 20)
    network = HardwareNetwork(dense_graph((20, 10, 5)), hardware, generator=stream(9))

    def runs(seed: int) -> list[torch.Tensor]:
        with noisy_weights(network, hardware, stream(seed)):
            return [network(x) for _ in range(DRAWS)]

    first, again, other = runs(0), runs(0), runs(1)
    assert len({found.detach().numpy().tobytes() for found in first + other}) == 2 * DRAWS
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(first, again, strict=True))


def test_the_numbers_are_standard_normal_and_no_weight_keeps_its_own() -> None:
    hardware = described()
    noise = WeightNoise(
        [weight_moments(hardware)], Times(1, stream(0)), largest=3000, generator=stream(0), device=torch.device("cpu")
    )
    draws = torch.stack([noise.draw(torch.empty(30, 100)) for _ in range(2 * DRAWS)]).double()
    assert draws.shape == (2 * DRAWS, 30, 100)
    count = draws.numel()
    assert abs(float(draws.mean())) < 4.5 * math.sqrt(2 / count)  # draws from one store overlap a little
    assert float(draws.std()) == pytest.approx(1, abs=0.005)
    # From draw to draw, and from a weight to its neighbour, there is no correlation.
    for mine, theirs in ((draws[1:], draws[:-1]), (draws[:, :, 1:], draws[:, :, :-1])):
        assert abs(float((mine * theirs).mean())) < 4.5 * math.sqrt(2 / mine.numel())


@pytest.mark.parametrize("kind", ["additive", "proportional"])
def test_the_gradient_is_the_finite_difference_of_mean_and_spread(kind: str) -> None:
    hardware, sharpness, h = described(kind=kind), 3.0, 1e-6
    values = torch.from_numpy(representable(hardware).normalized)
    mean, spread = weight_moments(hardware)
    sampled = SampledStaircase.build(values, sharpness, dtype=torch.float64, device=torch.device("cpu"))
    number = torch.arange(0, len(sampled.value), 7, dtype=torch.float64)
    theta = (sampled.start + number / sampled.per_unit).requires_grad_()

    def noise() -> WeightNoise:
        return WeightNoise(
            [(mean, spread)], Times(1, stream(0)), largest=len(theta), generator=stream(4), device=torch.device("cpu")
        )

    xi = noise().draw(theta)

    def through(heights: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
        width, middle = values.diff(), (values[1:] + values[:-1]) / 2
        return heights[0] + (torch.sigmoid(sharpness / width * (at[:, None] - middle)) * heights.diff()).sum(1)

    def formula(at: torch.Tensor) -> torch.Tensor:
        return through(mean, at) + through(spread, at) * xi

    found = noise()(theta, Staircase(values, sharpness=sharpness))
    torch.testing.assert_close(found, formula(theta.detach()), rtol=0, atol=1e-4)
    (gradient,) = torch.autograd.grad(found.sum(), theta)
    difference = (formula(theta.detach() + h) - formula(theta.detach() - h)) / (2 * h)
    torch.testing.assert_close(gradient, difference, rtol=0, atol=1e-4)
    # Without the spread's share it would be another one.
    by_mean = (through(mean, theta.detach() + h) - through(mean, theta.detach() - h)) / (2 * h)
    assert float((difference - by_mean).abs().max()) > 0.02


def test_noise_whatever_the_chip_adds_up_with_its_own() -> None:
    hardware = described("linear")
    layer, silent = on_the_values(hardware), chip(CELLS["linear"])
    own = weight_moments(hardware)[1]
    written: tuple[Effect, ...] = ("programming",)
    for description, effects, expected in (
        (hardware, written, own),
        (hardware, (), 0 * own),
        (silent, written, 0 * own),
    ):
        with noisy_weights(layer, description, stream(0), effects=effects, weight_noise=0.2):
            found = layer.weights()[0].detach().double()
        spread = torch.hypot(expected, torch.tensor(0.2, dtype=torch.float64))
        error = 4.5 * spread / math.sqrt(2 * COPIES)
        assert bool(((found.std(1) - spread).abs() < error).all())
    # One spread for all weights is added in the pass that reads them; the gradient is that of the weights alone.
    with noisy_weights(layer, silent, stream(0), weight_noise=0.2):
        (gradient,) = torch.autograd.grad(layer.weights()[0].sum(), layer.theta)
    (plain,) = torch.autograd.grad(layer.weights()[0].sum(), layer.theta)
    assert torch.equal(gradient, plain)


def test_straight_through_passes_the_gradient_as_ever() -> None:
    hardware = described()
    layer = HardwareLinear(50, 3, hardware, method="straight_through", generator=stream(0))
    with torch.no_grad():
        layer.theta.mul_(8)
    weights = torch.arange(150.0).reshape(3, 50)
    with noisy_weights(layer, hardware, stream(0)):
        found = layer.weights()[0]
        (gradient,) = torch.autograd.grad((found * weights).sum(), layer.theta)
    exact = layer.staircase.exact
    inside = (layer.theta >= exact[0]) & (layer.theta <= exact[-1])
    assert 0 < int(inside.sum()) < 150
    assert torch.equal(gradient, weights * inside)


def test_a_bias_row_is_written_like_any_other() -> None:
    hardware = described(bias="array_row")
    layer = HardwareLinear(5, 4000, hardware, generator=stream(0))
    layer.staircase.sharpen(24.0, 1.0)
    with noisy_weights(layer, hardware, stream(0)):
        bias = layer.weights()[1]
    assert bias is not None
    bias = bias.detach()
    mean, spread = weight_moments(hardware)
    (k,) = layer.staircase.index(layer.bias).unique().tolist()
    assert float(bias.mean()) == pytest.approx(mean[k].item(), abs=4.5 * spread[k].item() / math.sqrt(4000))
    assert float(bias.std()) == pytest.approx(spread[k].item(), rel=0.06)


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_a_convolution_has_one_kernel_for_all_positions_of_a_batch(method: Any) -> None:
    hardware = described()
    layer = HardwareConv2d(1, 2, 3, hardware, method=method, generator=stream(0))
    image = torch.rand(1, 1, 3, 3).expand(4, 1, 3, 3).repeat(1, 1, 2, 2)
    plain = layer(image)
    with noisy_weights(layer, hardware, stream(0)):
        first, second = layer(image), layer(image)
        first.sum().backward()
    assert not torch.allclose(first, plain, rtol=1e-3)
    assert not torch.allclose(first, second, rtol=1e-3)
    # The same image, and the same pixels again at the next position but two.
    torch.testing.assert_close(first[0], first[3], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(first[:, :, 0, 0], first[:, :, 3, 3], rtol=1e-5, atol=1e-5)
    assert layer.theta.grad is not None
    assert float(layer.theta.grad.abs().max()) > 0


def test_values_that_are_read_hard_get_the_noise_as_well() -> None:
    # As the statistics of a normalisation are settled: the layer trains, its staircase is hard.
    silent = chip(CELLS["linear"])
    layer = on_the_values(silent)
    layer.staircase.eval()
    plain = layer.weights()[0].detach()
    with noisy_weights(layer, silent, stream(0), weight_noise=0.2):
        found = layer.weights()[0].detach()
    assert float((found - plain).std()) == pytest.approx(0.2, rel=0.05)


def test_an_inner_context_gives_the_outer_noise_back() -> None:
    hardware = described()
    layer = HardwareLinear(20, 4, hardware, generator=stream(0))
    with noisy_weights(layer, hardware, stream(0)):
        outer = layer.effects.noise
        with noisy_weights(layer, hardware, stream(1)):
            assert layer.effects.noise is not outer
        assert layer.effects.noise is outer
    assert layer.effects.noise is None


def test_whatever_happens_inside_the_noise_ends_with_the_context() -> None:
    hardware = described()
    network = HardwareNetwork(dense_graph((20, 10, 5)), hardware, generator=stream(9))
    wrapped, x = nn.Sequential(network), torch.rand(3, 20)
    plain = network(x)
    seen = []

    def interrupted() -> None:
        with noisy_weights(wrapped, hardware, stream(0)):
            seen.extend(layer.effects.noise is not None for layer in network.layers)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert seen == [True, True]
    assert all(layer.effects.noise is None for layer in network.layers)
    assert torch.equal(network(x), plain)
    # A module without cells has nothing to be written.
    with noisy_weights(nn.Linear(3, 3), hardware, stream(0)):
        pass
