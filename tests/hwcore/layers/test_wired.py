"""Wires in training: exact where the network is judged, followed in between, and gone afterwards."""

from typing import Any

import pytest
import torch

from hwcore.errors import ArrayTooLarge
from hwcore.layers import HardwareConv2d, HardwareLinear, HardwareNetwork, wired_weights
from hwcore.layers.cells import CellLayer
from hwcore.layers.wired import LayerWires, arriving
from hwcore.mapping import Components, place
from hwcore.spec import Hardware, TileGrid, dense_graph, tile_grid
from hwcore.streams import stream
from hwcore.training import settle_normalization
from hwcore.wires import Wires, layer_transfer
from hwcore.wires import layer as transfer_of_layers
from tests.hwcore.layers.drawn_networks import CELLS, drawn_network
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.test_normalization import drawn as drawn_examples

EXPONENTIAL, OFF = "exponential, ratio 8, negative at 0.8", "linear, off cells do not conduct"
LAYOUTS = ["separate", "interleaved"]


def described(cell: str = EXPONENTIAL, layout: str = "separate", bias: str = "digital", ohm: float = 200.0) -> Hardware:
    array: dict[str, Any] = {"rows": 8, "cols": 5, "pair_layout": layout, "sense_resistance": ohm}
    array["wire_resistance"] = {"word": ohm, "bit": ohm}
    return chip(CELLS[cell], weights={"bias": bias}, array=array)


def spread(layer: CellLayer) -> CellLayer:
    with torch.no_grad():
        layer.theta.normal_(generator=stream(3)).mul_(0.5)
        layer.bias.normal_(generator=stream(4)).mul_(0.5)
        layer.log_scale.normal_(generator=stream(5)).mul_(0.3)
    return layer


def dense(hardware: Hardware, method: Any = "smooth") -> HardwareLinear:
    layer = spread(HardwareLinear(19, 7, hardware, method=method))
    assert isinstance(layer, HardwareLinear)
    return layer


def exact(layer: CellLayer, hardware: Hardware) -> torch.Tensor:
    """M_pos - M_neg over the largest weight, (word lines, bit lines)."""
    pairs = place(layer.value_index(), layer.levels)
    grid = tile_grid(*pairs.shape, hardware.array)
    wires, layout = Wires.described(hardware.array), hardware.array.pair_layout or "separate"
    return layer_transfer(pairs.g, grid, wires, layout).difference / layer.levels.weights.g_reference


@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cell", [EXPONENTIAL, OFF])
def test_evaluation_is_the_product_with_the_transfer_matrix(cell: str, layout: str, bias: str) -> None:
    hardware = described(cell, layout, bias)
    layer, x, drive = dense(hardware).eval(), torch.rand(6, 19, generator=stream(7)), 1.5
    drives = torch.cat([x, torch.full((6, 1), drive)], dim=1) if bias == "array_row" else x
    with wired_weights(layer, hardware), torch.no_grad():
        found = layer(x, drive).double()
    current = drives.double() @ exact(layer, hardware)
    scale = layer.scale.detach().double()
    expected = current * scale + (0 if bias == "array_row" else layer.bias.detach().double())
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))
    with torch.no_grad():
        assert float((layer(x, drive) - found).abs().max()) > 0.02 * float(expected.abs().max())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_convolution_has_its_kernel_on_the_word_lines(layout: str) -> None:
    hardware = described(layout=layout)
    layer = spread(HardwareConv2d(2, 6, 3, hardware, padding=1)).eval()
    x = torch.rand(2, 2, 4, 4)
    with wired_weights(layer, hardware), torch.no_grad():
        found = layer(x).double()
    drives = torch.nn.functional.unfold(x.double(), 3, padding=1)
    current = torch.einsum("ro,brp->bop", exact(layer, hardware), drives)
    scale, bias = (each.detach().double()[:, None] for each in (layer.scale, layer.bias))
    torch.testing.assert_close(found.flatten(2), current * scale + bias, rtol=1e-5, atol=1e-5)


def test_one_cell_by_hand() -> None:
    # 8 uS behind 1 kohm on either side, and beside it a cell that does not conduct.
    array = {"wire_resistance": {"word": 1000.0, "bit": 1000.0}}
    hardware = chip({"levels": 2, "g_max": 8e-6}, array=array)
    layer = HardwareLinear(1, 1, hardware).eval()
    with torch.no_grad():
        layer.theta.fill_(1.0)
    with wired_weights(layer, hardware):
        weights, _ = layer.weights()
    assert float(weights) == pytest.approx(1 / (1 + 8e-6 * 2000), rel=1e-6)


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_training_follows_the_weights_and_the_gradient_goes_through_the_share(method: Any) -> None:
    hardware = described()
    layer = dense(hardware, method)
    pairs = place(layer.value_index(), layer.levels)
    grid = tile_grid(*pairs.shape, hardware.array)
    share, _ = arriving(pairs.g, grid, Wires.described(hardware.array))
    plain = layer.weights()[0]
    hard = layer.staircase.exact[layer.value_index()]
    (slope,) = torch.autograd.grad(plain.sum(), layer.theta)
    with wired_weights(layer, hardware):
        found = layer.weights()[0]
        (gradient,) = torch.autograd.grad(found.sum(), layer.theta)
        expected = exact(layer, hardware).T + share.T * (plain.detach().double() - hard)
        torch.testing.assert_close(found.detach().double(), expected, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(gradient.double(), share.T * slope, rtol=1e-5, atol=1e-6)
        # A weight that moves arrives with the share that it had.
        with torch.no_grad():
            layer.theta.add_(0.1)
        moved = layer.staircase(layer.theta)
        change = (layer.weights()[0] - found).double()
        torch.testing.assert_close(change, share.T * (moved - plain), rtol=1e-4, atol=1e-6)


def test_a_change_arrives_nearly_as_the_exact_one() -> None:
    # The share of the last look, against transfer matrices found anew after a tenth of the weights changed.
    hardware = described(ohm=50.0)
    layer = dense(hardware)
    layer.staircase.sharpen(24.0, 1.0)
    with wired_weights(layer, hardware, every=1000), torch.no_grad():
        layer.weights()
        layer.theta[:, ::10] += 0.4
        followed = layer.weights()[0].double()
    away = (followed - exact(layer, hardware).T).norm() / exact(layer, hardware).norm()
    ignored = (layer.staircase.exact[layer.value_index()].T - exact(layer, hardware)).norm() / exact(
        layer, hardware
    ).norm()
    assert float(away) < 0.25 * float(ignored)


@pytest.mark.parametrize("every", [1, 3])
def test_it_looks_again_after_so_many_steps_and_whenever_it_is_judged(
    every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hardware = described()
    layer, looks = dense(hardware), []
    look = LayerWires._refresh
    monkeypatch.setattr(LayerWires, "_refresh", lambda *given: (looks.append(1), look(*given))[1])

    def step() -> int:
        with torch.no_grad():
            layer.theta.copy_(-layer.theta)
        layer.weights()
        return len(looks)

    with wired_weights(layer, hardware, every=every):
        assert [step() for _ in range(6)] == [1 + number // every for number in range(6)]
        seen = len(looks)
        layer.eval()
        assert [step(), step()] == [seen + 1, seen + 2]
        layer.weights()
        assert len(looks) == seen + 2


def test_the_statistics_are_those_of_currents_that_arrive() -> None:
    hardware = described()
    network = drawn_network(hardware, (6, 5, 4), "batch")
    examples = drawn_examples(300, 6)
    with wired_weights(network, hardware):
        settle_normalization(network, examples)
    first = network.layers[0]
    currents = examples.inputs(slice(None), torch.float64) @ exact(first, hardware)
    torch.testing.assert_close(network.norms[0].running_mean.double(), currents.mean(0), rtol=1e-4, atol=1e-5)


def test_it_is_gone_afterwards_and_absent_without_resistance() -> None:
    hardware, x = described(), torch.rand(4, 19)
    layer = dense(hardware)
    plain = layer(x)
    with wired_weights(layer, hardware):
        assert not torch.equal(layer(x), plain)
    assert torch.equal(layer(x), plain)
    assert layer.effects.wires is None
    with wired_weights(layer, chip(CELLS[EXPONENTIAL])):
        assert torch.equal(layer(x), plain)


def test_where_nothing_conducts_the_share_is_that_of_the_neighbours() -> None:
    wires, grid = Wires(r_word=300.0, r_bit=300.0), TileGrid(((0, 6), (6, 8)), ((0, 6),))
    g = torch.full((8, 6), 1e-4, dtype=torch.float64)
    full, _ = arriving(Components(g, g), grid, wires)
    g[2, 3] = 0.0
    g[6:] = 0.0
    share, difference = arriving(Components(g, g), grid, wires)
    assert not difference.any()
    assert float(share[2, 3]) == pytest.approx(float(full[2, 3]), rel=0.1)
    assert bool((share[6:] == 1).all())
    assert bool(((share > 0) & (share <= 1)).all())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("weak", [1e-17, 1e-30, 2.3e-308])
def test_a_pair_that_conducts_less_than_its_side_paths_is_one_that_conducts_nothing(layout: Any, weak: float) -> None:
    # What arrives at the weak pairs comes through other cells: over their own conductance it is 1e3 to 1e299.
    wires, grid = Wires(r_word=300.0, r_bit=300.0), TileGrid(((0, 8),), ((0, 6),))
    g = torch.full((8, 6), 1e-5, dtype=torch.float64)
    off = torch.rand(8, 6, generator=stream(6)) < 0.4
    m_pos, m_neg = layer_transfer(Components(torch.where(off, weak, g), torch.where(off, weak, g)), grid, wires, layout)
    assert float(((m_pos + m_neg)[off] / (2 * weak)).max()) > 1e3
    nothing, all_of_it = (torch.where(off, least, g) for least in (0.0, weak))
    expected, _ = arriving(Components(nothing, nothing), grid, wires, layout)
    share, _ = arriving(Components(all_of_it, all_of_it), grid, wires, layout)
    assert float(share.max()) <= 1
    torch.testing.assert_close(share, expected, rtol=1e-9, atol=0)


def test_a_change_of_a_weight_never_arrives_as_more_than_itself() -> None:
    # Of the job of a field trial whose loss was NaN in its first epoch: shares of 1e3 to 1e6 multiplied every step.
    cell = {"levels": 4, "g_max": 1e-5, "on_off_ratio": 1e12, "spacing": {"type": "exponential", "curvature": -10.0}}
    hardware = chip(cell, array={"wire_resistance": {"word": 10.0, "bit": 10.0}})
    layer = spread(HardwareLinear(64, 32, hardware))
    moved = torch.randn(32, 64, generator=stream(1)) * 0.05
    with torch.no_grad(), wired_weights(layer, hardware):
        before = layer.weights()[0]
        layer.theta.add_(moved)
        after = layer.weights()[0]
        plain = layer.staircase(layer.theta)
        layer.theta.sub_(moved)
        change = (plain - layer.staircase(layer.theta)).abs()
    assert float(change.max()) > 0.05
    assert bool(((after - before).abs() <= change + 1e-5).all())


def test_what_does_not_fit_and_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hardware = described()
    with pytest.raises(ValueError, match="every: got 0"), wired_weights(dense(hardware), hardware, every=0):
        pass

    def refuse(*_: object, **__: object) -> None:
        raise ArrayTooLarge("too large")

    monkeypatch.setattr(transfer_of_layers, "pair_transfer", refuse)
    layer = dense(hardware)
    with wired_weights(layer, hardware), pytest.raises(ArrayTooLarge):
        layer.weights()


def test_a_network_in_double_precision_has_the_wires_too() -> None:
    hardware = described()
    network = HardwareNetwork(dense_graph((9, 6, 4)), hardware, generator=stream(0)).double().eval()
    x = torch.rand(3, 9, dtype=torch.float64)
    with wired_weights(network, hardware), torch.no_grad():
        found = network.layers[0](x)
    layer = network.layers[0]
    expected = x @ exact(layer, hardware) * layer.scale + layer.bias
    torch.testing.assert_close(found, expected.detach(), rtol=1e-12, atol=1e-12)
