"""ADCs in training: the same codes as the converters give tile by tile, a straight gradient, and gone afterwards."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from hwcore.converters import adc, adc_full_scale, largest_code
from hwcore.crossbar import Foundry
from hwcore.layers import HardwareConv2d, HardwareLinear, HardwareNetwork, converted_currents, map_network
from hwcore.layers.cells import CellLayer
from hwcore.layers.converted import CURRENTS, LayerConverters, _drawn, converted_straight
from hwcore.layers.operands import Operands
from hwcore.spec import Adc, Condition, Hardware, dense_graph, representable, tile_grid
from hwcore.streams import stream
from tests.hwcore.layers.drawn_networks import CELLS, drawn_codes, drawn_network
from tests.hwcore.spec.chips import chip

CELL = CELLS["exponential, ratio 8, negative at 0.8"]
RANGES: dict[str, dict[str, Any]] = {
    "full": {"type": "full"},
    "given": {"type": "given", "full_scale": 9e-5},
    "percentile": {"type": "calibrated", "percentile": 95},
    "least error": {"type": "calibrated"},
}
every_range = pytest.mark.parametrize("range_", RANGES)


def described(range_: str = "full", bits: int | None = 4, bias: str = "digital", rows: int = 8) -> Hardware:
    adc = {"bits": bits, "range": RANGES[range_]}
    return chip(CELL, weights={"bias": bias}, array={"rows": rows, "cols": 5}, adc=adc)


def spread(layer: CellLayer) -> CellLayer:
    with torch.no_grad():
        layer.theta.normal_(generator=stream(3)).mul_(0.5)
        layer.bias.normal_(generator=stream(4)).mul_(0.5)
        layer.log_scale.normal_(generator=stream(5)).mul_(0.3)
    return layer


def tile_by_tile(hardware: Hardware, drives: torch.Tensor, weights: torch.Tensor, drive_max: float) -> torch.Tensor:
    """The converters of every tile of a layer, one after the other; weights (word lines, bit lines)."""
    model, reference = hardware.adc, representable(hardware).g_reference
    assert isinstance(model, Adc)
    total = torch.zeros(len(drives), weights.shape[1], dtype=drives.dtype)
    grid = tile_grid(*weights.shape, hardware.array)
    for rows in grid.row_blocks:
        for cols in grid.col_blocks:
            g = weights[slice(*rows), slice(*cols)] * reference
            current = drives[:, slice(*rows)] @ g
            full_scale = adc_full_scale(model, g, drive_max=drive_max, drive_signed=False, currents=current)
            total[:, slice(*cols)] += adc(current, full_scale, model.bits).current / reference
    return total


@every_range
@pytest.mark.parametrize("bias", ["digital", "array_row"])
def test_a_dense_layer_is_its_tiles_one_by_one(range_: str, bias: str) -> None:
    hardware = described(range_, bias=bias)
    layer, drive = spread(HardwareLinear(23, 7, hardware)).double().eval(), 1.5
    x = drive * torch.rand(40, 23, generator=stream(0)).double()
    drives = torch.cat([x, torch.full((40, 1), drive)], dim=1) if bias == "array_row" else x
    weights = layer.staircase.exact[layer.value_index()].T
    expected = tile_by_tile(hardware, drives, weights, drive) * layer.scale.detach()
    with converted_currents(layer, hardware), torch.no_grad():
        found = layer(x, drive) - (0 if bias == "array_row" else layer.bias)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
    with torch.no_grad():
        assert float((found - layer(x, drive)).abs().max()) > 0.01


@every_range
@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("rows", [4, 7, 9, 18, 40])
def test_a_convolution_is_its_tiles_one_by_one(range_: str, bias: str, rows: int) -> None:
    # 18 word lines: tiles end within a kernel, between two, at the bias row, and beyond.
    hardware = described(range_, bias=bias, rows=rows)
    layer = spread(HardwareConv2d(2, 7, 3, hardware, padding=1, stride=2)).double().eval()
    x = torch.rand(3, 2, 6, 5, generator=stream(0)).double()
    unfolded = F.unfold(x, 3, padding=1, stride=2)
    drives = unfolded.transpose(1, 2).flatten(0, 1)
    if bias == "array_row":
        drives = torch.cat([drives, torch.ones(len(drives), 1)], dim=1)
    weights = layer.staircase.exact[layer.value_index()].T
    expected = tile_by_tile(hardware, drives, weights, 1.0) * layer.scale.detach()
    with converted_currents(layer, hardware), torch.no_grad():
        found = layer(x) - (0 if bias == "array_row" else layer.bias[:, None, None])
    torch.testing.assert_close(found.flatten(2).transpose(1, 2).flatten(0, 1), expected, rtol=1e-6, atol=1e-6)


def test_one_column_by_hand() -> None:
    # Weights 1 and 1 in one tile, -1 in the next: full scales of 2 and 1, three codes of 2 and 1 either way.
    adc = {"bits": 2, "range": RANGES["full"]}
    hardware = chip({"levels": 2, "g_max": 1e-5}, array={"rows": 2, "cols": 1}, adc=adc)
    layer = HardwareLinear(3, 1, hardware, normalized=True).eval()
    with torch.no_grad():
        layer.theta.copy_(torch.tensor([[1.0, 1.0, -1.0]]))
    with converted_currents(layer, hardware), torch.no_grad():
        found = layer(torch.tensor([[0.4, 0.5, 0.4], [0.5, 0.5, 0.5], [0.0, 1.0, 0.6]]))
    # 0.9 goes to 0 and 1.0 to 2; -0.4 to 0, -0.5 up to 0, -0.6 to -1.
    assert found.flatten().tolist() == [0.0, 2.0, 1.0]


def test_the_gradient_is_straight_within_the_range_and_nothing_beyond() -> None:
    full_scale, bits = torch.tensor([1.0, 0.5, 0.0]), 3
    current = torch.linspace(-1.5, 1.5, 61)[:, None].repeat(1, 3).requires_grad_()
    found = converted_straight(current, full_scale, bits)
    assert torch.equal(found.detach(), adc(current.detach(), full_scale, bits).current)
    weights = torch.rand(61, 3, generator=stream(0))
    (gradient,) = torch.autograd.grad((found * weights).sum(), current)
    lsb = full_scale / largest_code(bits)
    inside = current.detach().abs() <= full_scale + lsb / 2
    assert torch.equal(gradient, weights * inside)
    assert inside[:, 0].any()
    assert not inside[:, 0].all()
    within = current.detach()[20:41, :1].requires_grad_()
    (gradient,) = torch.autograd.grad(converted_straight(within, full_scale[:1], bits).sum(), within)
    assert torch.equal(gradient, torch.ones_like(within))


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_training_converts_what_the_layer_has_and_learns_through_it(method: Any) -> None:
    hardware = described("full", bits=8)
    layer = spread(HardwareLinear(23, 7, hardware, method=method))
    x = torch.rand(40, 23, generator=stream(0))
    plain = layer(x)
    (slope,) = torch.autograd.grad(plain.square().sum(), layer.theta)
    with converted_currents(layer, hardware):
        found = layer(x)
        (gradient,) = torch.autograd.grad(found.square().sum(), layer.theta)
    assert 0 < float((found - plain).detach().abs().max()) < 0.2
    assert float((gradient - slope).norm() / slope.norm()) < 0.05


def test_inputs_of_both_signs_have_a_range_for_both() -> None:
    adc = {"bits": 6, "range": RANGES["full"]}
    hardware = chip(CELL, activation={"function": "tanh", "bits": 2}, array={"rows": 8, "cols": 5}, adc=adc)
    network = HardwareNetwork(dense_graph((6, 5, 4)), hardware, generator=stream(0)).eval()
    with converted_currents(network, hardware), torch.no_grad():
        network(torch.rand(3, 6))
        first, second = (layer.effects.converters for layer in network.layers)
        assert isinstance(first, LayerConverters)
        assert isinstance(second, LayerConverters)
        for layer, signed, found in ((network.layers[0], False, first), (network.layers[1], True, second)):
            weights = layer.staircase.exact[layer.value_index()].T
            positive, negative = weights.clamp(min=0).sum(0), -weights.clamp(max=0).sum(0)
            expected = positive + negative if signed else torch.maximum(positive, negative)
            torch.testing.assert_close(found.ranges[0], expected, rtol=1e-12, atol=0)


def test_a_calibrated_range_is_a_running_mean_in_training_and_stays_in_evaluation() -> None:
    hardware = described("percentile")
    layer = spread(HardwareLinear(8, 5, hardware, normalized=True))
    batches = [torch.rand(50, 8, generator=stream(k)) * (k + 1) for k in range(3)]
    with converted_currents(layer, hardware, every=2), torch.no_grad():
        layer(batches[0])
        converters = layer.effects.converters
        assert isinstance(converters, LayerConverters)
        first = converters.ranges[0].clone()
        layer(batches[1])  # not yet time to look
        assert torch.equal(converters.ranges[0], first)
        layer(batches[2])
        second = converters.ranges[0].clone()
        assert bool((second > 1.2 * first).all())
        layer.eval()
        for batch in batches:
            layer(batch)
        assert torch.equal(converters.ranges[0], second)
        # Twice the drive has twice the range.
        torch.testing.assert_close(layer(2 * batches[0], 2.0), 2 * layer(batches[0]), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("range_", ["percentile", "least error"])
def test_a_sample_of_a_map_is_calibrated_as_the_whole_of_it(range_: str) -> None:
    # Digits on a wide margin: every 24th position of the map, or a divisor of that, would see the margin alone.
    hardware = described(range_, rows=40)
    layer = spread(HardwareConv2d(1, 6, 5, hardware)).eval()
    image = torch.zeros(40, 1, 28, 28)
    image[:, :, 9:19, 9:19] = torch.rand(40, 1, 10, 10, generator=stream(0))
    taken = []
    with converted_currents(layer, hardware), torch.no_grad():
        converters, model = layer.effects.converters, hardware.adc
        assert isinstance(converters, LayerConverters)
        assert isinstance(model, Adc)
        for batch in (image, image[:4], image[:3]):
            converters.ranges = []
            layer(batch)
            taken.append(converters.ranges[0])
        current = layer.exact_sum(Operands(image, *layer.weights(), 1.0), (0, 25)).movedim(1, -1).flatten(0, -2)
    g = layer.staircase.exact[layer.value_index()].T
    assert len(current) == 40 * 24 * 24
    expected = adc_full_scale(model, g, drive_max=1.0, drive_signed=False, currents=current)
    for found in taken:
        torch.testing.assert_close(found, expected, rtol=0.25, atol=0)


def test_a_sample_is_what_it_says_and_without_repeats() -> None:
    for count in (CURRENTS + 1, 2 * CURRENTS - 1, 10 * CURRENTS):
        rows = _drawn(count)
        assert len(set(rows.tolist())) == CURRENTS
        assert int(rows.max()) < count
        assert torch.equal(rows, _drawn(count))


@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("function", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("range_", ["full", "given", "least error"])
def test_ranges_in_training_are_those_of_the_chip(function: str, range_: str, bias: str) -> None:
    hardware = chip(
        CELL,
        activation={"function": function},
        weights={"bias": bias},
        array={"rows": 8, "cols": 5},
        input={"bits": 4},
        # So fine, and a given range so wide, that the drives of the next layer are those of exact currents.
        adc={"bits": 16, "range": {"type": "given", "full_scale": 1e-3} if range_ == "given" else RANGES[range_]},
    )
    network, codes = drawn_network(hardware, (21, 9, 6, 5), "none"), drawn_codes(120, 21, seed=1)
    foundry = Foundry(map_network(network), hardware, seed=0, codes=codes, lsb=1 / 15, trained_through_wires=False)
    of_layers = [layer.arrays for layer in foundry.chip(0, Condition.of(["adc"])).layers.values()]
    # Training mode with hard weights: what training has when its staircases are sharp.
    network.double().train()
    network.weight_staircase.eval()
    x = codes.double() / 15
    with converted_currents(network, hardware), torch.no_grad():
        for part in (x[::2], x, x[:1]) if range_ in ("full", "given") else (x, x[:1]):
            network(part)
        for position, (layer, (array,)) in enumerate(zip(network.layers, of_layers, strict=True)):
            found, of_chip = layer.effects.converters, array.converters
            assert isinstance(found, LayerConverters)
            assert of_chip is not None
            largest = 1.0 if found.seen is None or range_ not in ("full", "given") else found.seen
            unit = largest * representable(hardware).g_reference
            for one, other in zip(found.ranges, of_chip.full_scale, strict=True):
                torch.testing.assert_close(one.double() * unit, other, rtol=1e-3, atol=0)
            # Something nothing limits is beyond 1 here, or the test would say nothing.
            assert (found.seen is not None and found.seen > 1.2) == (function == "relu" and position > 0)


def test_a_full_range_is_that_of_the_weights_of_now_where_it_is_judged() -> None:
    hardware = described("full")
    layer, x = spread(HardwareLinear(8, 5, hardware, normalized=True)).eval(), torch.rand(30, 8)
    with converted_currents(layer, hardware), torch.no_grad():
        layer(x)
        layer.theta.mul_(-1.5)
        found = layer(x)
    weights = layer.staircase.exact[layer.value_index()].T
    expected = tile_by_tile(hardware, x.double(), weights, 1.0)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)


def test_it_is_gone_afterwards_and_absent_without_bits() -> None:
    hardware, x = described(), torch.rand(4, 23)
    layer = spread(HardwareLinear(23, 7, hardware))
    plain = layer(x)
    with converted_currents(layer, hardware):
        assert not torch.equal(layer(x), plain)
    assert torch.equal(layer(x), plain)
    assert layer.effects.converters is None
    for ideal in (described(bits=None), chip(CELL)):
        with converted_currents(layer, ideal):
            assert torch.equal(layer(x), plain)


def test_what_makes_no_sense_is_refused() -> None:
    hardware = described()
    layer = HardwareLinear(23, 7, hardware)
    with pytest.raises(ValueError, match="every: got 0"), converted_currents(layer, hardware, every=0):
        pass
    with pytest.raises(ValueError, match=r"adc\.bits: got null"):
        LayerConverters(chip(CELL))
    with pytest.raises(ValueError, match="bits: got 1"):
        converted_straight(torch.rand(3, 2), torch.ones(2), 1)
