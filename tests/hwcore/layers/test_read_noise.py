"""Read noise in training: another error for every image, as cells drawn one by one for every product make it."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from hwcore.devices import read
from hwcore.layers import HardwareConv2d, HardwareLinear, converted_currents, noisy_weights, wired_weights
from hwcore.layers.cells import CellLayer
from hwcore.layers.operands import Operands
from hwcore.layers.weight_moments import read_spread
from hwcore.mapping import place
from hwcore.spec import Hardware
from hwcore.streams import stream
from tests.hwcore.layers.drawn_networks import CELLS
from tests.hwcore.spec.chips import chip

CELL = CELLS["exponential, ratio 8, negative at 0.8"]
KINDS = ["additive", "proportional"]
IMAGES = 20_000


def described(kind: str = "additive", sigma: float = 0.2, bias: str = "digital", **parts: Any) -> Hardware:
    array = {"rows": 8, "cols": 5, **parts.pop("array", {})}
    noise = {"read": {"type": kind, "sigma_ratio": sigma}}
    return chip(CELL, weights={"bias": bias}, array=array, noise=noise, **parts)


def hard(layer: CellLayer) -> CellLayer:
    """In training mode, with latent weights all over and values that are read hard."""
    with torch.no_grad():
        layer.theta.normal_(generator=stream(3)).mul_(0.5)
        layer.bias.normal_(generator=stream(4)).mul_(0.5)
    layer.staircase.sharpen(1e4, 1.0)
    return layer.train()


def errors(layer: CellLayer, hardware: Hardware, x: torch.Tensor, drive: float = 1.0) -> torch.Tensor:
    """Noise of the currents, in units of the largest weight."""
    with torch.no_grad():
        plain = layer(x, drive)
        with noisy_weights(layer, hardware, stream(0), effects=("programming", "read")):
            noisy = layer(x, drive)
    scale = layer.scale.detach()
    return ((noisy - plain) / (scale if x.ndim == 2 else scale[:, None, None])).double()


@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_errors_are_those_of_cells_drawn_for_every_product(kind: str, bias: str) -> None:
    hardware, drive = described(kind, bias=bias), 1.5
    layer, image = hard(HardwareLinear(11, 4, hardware)), torch.rand(11, generator=stream(1))
    found = errors(layer, hardware, image.expand(IMAGES, 11), drive)
    weights, tables, placed = layer.levels.weights, layer.levels.tables, place(layer.value_index(), layer.levels)
    drives = torch.cat([image, torch.tensor([drive])]) if bias == "array_row" else image
    generator, drawn = stream(2), torch.zeros(IMAGES, 4, dtype=torch.float64)
    for sign, g, levels in ((1, placed.g_pos, tables.g_pos), (-1, placed.g_neg, tables.g_neg)):
        many = g.expand(IMAGES, *g.shape).contiguous()
        model = hardware.noise.read
        assert model is not None
        seen = read(many, model, g_target=g, g_max=float(levels.max()), t=0.0, generator=[generator] * IMAGES)
        drawn += sign * torch.einsum("r,nrc->nc", drives.double(), seen - many) / weights.g_reference
    assert bool((found.mean(0).abs() < 4.5 * drawn.std(0) / math.sqrt(IMAGES)).all())
    torch.testing.assert_close(found.std(0), drawn.std(0), rtol=4.5 / math.sqrt(IMAGES), atol=0)
    kurtosis = (found / found.std(0)).pow(4).mean(0)
    assert bool(((kurtosis - 3).abs() < 4.5 * math.sqrt(24 / IMAGES)).all())
    # Neither two images nor two columns have an error in common.
    normal = found / found.std(0)
    assert float((normal[1:] * normal[:-1]).mean(0).abs().max()) < 4.5 / math.sqrt(IMAGES)
    assert abs(float((normal[:, 0] * normal[:, 1]).mean())) < 4.5 / math.sqrt(IMAGES)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_convolution_has_an_error_at_every_position(kind: str, groups: int) -> None:
    hardware = described(kind)
    layer = hard(HardwareConv2d(2, 4, 3, hardware, padding=1, groups=groups))
    x = torch.rand(2, 4, 4, generator=stream(1))
    found = errors(layer, hardware, x.expand(IMAGES // 4, 2, 4, 4))
    squares = read_spread(hardware).square()[layer.value_index()]
    variance = F.unfold(x[None].double().square(), 3, padding=1)[0]
    parts = zip(squares.chunk(groups), variance.chunk(groups), strict=True)
    expected = torch.cat([own @ seen for own, seen in parts]).sqrt().reshape(4, 4, 4)
    torch.testing.assert_close(found.std(0), expected, rtol=5 / math.sqrt(IMAGES // 2), atol=0)
    normal = found / expected
    assert abs(float((normal[:, 0, 0, 0] * normal[:, 0, 0, 1]).mean())) < 4.5 / math.sqrt(IMAGES // 4)


def test_through_the_wires_comes_the_square_of_the_share() -> None:
    array = {"wire_resistance": {"word": 500.0, "bit": 500.0}}
    hardware = described(array=array)
    layer, image = hard(HardwareLinear(8, 4, hardware)), torch.rand(8, generator=stream(1))
    with wired_weights(layer, hardware):
        found = errors(layer, hardware, image.expand(IMAGES, 8))
        share = layer.effects.wires.fraction.double()
    assert float(share.max()) < 0.95
    expected = ((read_spread(hardware)[0] * image.double() * share) ** 2).sum(1).sqrt()
    torch.testing.assert_close(found.std(0), expected, rtol=4.5 / math.sqrt(2 * IMAGES), atol=0)


def test_every_row_block_is_read_and_then_converted() -> None:
    hardware = described(sigma=0.5, adc={"bits": 3})
    layer, image = hard(HardwareLinear(20, 4, hardware, normalized=True)), torch.rand(20, generator=stream(1))
    with converted_currents(layer, hardware), torch.no_grad():
        with noisy_weights(layer, hardware, stream(0), effects=("programming", "read")):
            found = layer(image.expand(IMAGES, 20))
        ranges = [full_scale / 3 for full_scale in layer.effects.converters.ranges]
    # Sums of codes, which scatter although the image is the same.
    assert bool((found.std(0) > 0.5 * torch.stack(ranges).amin(0)).all())
    codes = [set() for _ in range(4)]
    for column in range(4):
        lsb = torch.stack(ranges)[:, column]
        grid = torch.cartesian_prod(*[torch.arange(-3, 4) * each for each in lsb]).sum(1)
        away = (found[:200, column, None].double() - grid).abs().amin(1)
        assert float(away.max()) < 1e-5
        codes[column] = {round(float(each), 4) for each in found[:, column]}
    assert min(len(each) for each in codes) > 3


def test_it_is_off_in_evaluation_and_afterwards_and_without_noise() -> None:
    hardware, x = described(), torch.rand(4, 11)
    layer = hard(HardwareLinear(11, 4, hardware))
    plain = layer(x)
    with noisy_weights(layer, hardware, stream(0), effects=("programming", "read")):
        assert not torch.equal(layer(x), plain)
        assert torch.equal(layer.eval()(x), plain)
        layer.train()
    assert torch.equal(layer(x), plain)
    assert layer.effects.reads is None
    for silent in (described(sigma=0.0), chip(CELL)):
        with noisy_weights(layer, silent, stream(0), effects=("programming", "read")):
            assert torch.equal(layer(x), plain)
    with noisy_weights(layer, hardware, stream(0)):
        assert torch.equal(layer(x), plain)


def test_an_image_without_anything_in_it_has_no_noise_and_a_gradient() -> None:
    hardware = described("proportional")
    layer, x = hard(HardwareLinear(11, 4, hardware)), torch.zeros(3, 11, requires_grad=True)
    with noisy_weights(layer, hardware, stream(0), effects=("programming", "read")):
        found = layer(x)
        gradients = torch.autograd.grad(found.square().sum(), [x, layer.theta])
    torch.testing.assert_close(found.detach(), layer.bias.detach().expand(3, 4), rtol=0, atol=1e-5)
    assert all(bool(torch.isfinite(each).all()) for each in gradients)


def test_the_gradient_of_the_noise_is_that_of_its_deviation() -> None:
    hardware = described("proportional", sigma=0.5)
    layer = HardwareLinear(11, 4, hardware, generator=stream(5)).double().train()
    layer.staircase.sharpen(3.0)
    x, h = torch.rand(5, 11, generator=stream(1)).double(), 1e-3
    direction = torch.randn(layer.theta.shape, generator=stream(6)).double()

    def noise_at(step: float) -> torch.Tensor:
        with torch.no_grad():
            layer.theta.add_(direction, alpha=step)
        with noisy_weights(layer, hardware, stream(0), effects=("programming", "read")):
            noise = layer.effects.reads(layer, Operands(x, *layer.weights(), 1.0), (0, 11)).sum()
        with torch.no_grad():
            layer.theta.sub_(direction, alpha=step)
        return noise

    (gradient,) = torch.autograd.grad(noise_at(0.0), layer.theta)
    difference = (noise_at(h) - noise_at(-h)).detach() / (2 * h)
    assert float((gradient * direction).sum()) == pytest.approx(float(difference), rel=0.02)
