"""An LSTM in floating point is torch's own; on cells it is that with the hard weights, and effects reach every step."""

import pytest
import torch

from hwcore.layers import HardwareLstm, HardwareNetwork, converted_currents, noisy_weights
from hwcore.layers.lstm import FloatLstm
from hwcore.spec import Graph, GraphBuilder, LayerPlan, Lstm, Product, Window, parse_hardware
from hwcore.streams import stream
from tests.hwcore.layers.drawn_networks import described, drawn_graph

CELL = "exponential, ratio 8, negative at 0.8"
CHANNELS, LENGTH, UNITS = 3, 7, 4


def graph(layers: int = 1) -> Graph:
    builder = GraphBuilder((CHANNELS, LENGTH))
    for number in range(1, layers + 1):
        shape = (CHANNELS if number == 1 else UNITS, LENGTH)
        builder.add(f"lstm{number}", Lstm.over(f"lstm{number}", shape, UNITS, sequence=number < layers))
    builder.add("fc1", Product(LayerPlan("fc1", "dense", 5, Window(UNITS))))
    return builder.graph()


def inputs(count: int = 6) -> torch.Tensor:
    return torch.rand(count, CHANNELS, LENGTH, generator=stream(1), dtype=torch.float64) * 2 - 1


def by_torch(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """All states (batch, units, length) of torch's own LSTM."""
    module = torch.nn.LSTM(CHANNELS, UNITS, batch_first=True).double().requires_grad_(False)
    own = {
        "weight_ih_l0": weight[:, :CHANNELS],
        "weight_hh_l0": weight[:, CHANNELS:],
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
    }
    result: torch.Tensor = torch.func.functional_call(module, own, (x.transpose(1, 2),))[0]
    return result.transpose(1, 2)


@pytest.mark.parametrize("sequence", [False, True])
def test_the_floating_point_form_and_its_gradient_are_torch_s_own(sequence: bool) -> None:
    made = FloatLstm(CHANNELS, UNITS)
    made.draw(stream(0))
    made.double().sequence = sequence
    weight, bias = made.affine()
    assert 0 < float(weight.detach().abs().max()) <= (CHANNELS + UNITS) ** -0.5
    assert bool((bias[UNITS : 2 * UNITS] == 1).all())
    x = inputs().requires_grad_()
    expected = by_torch(x, weight, bias)
    expected = expected if sequence else expected[:, :, -1]
    found = made(x)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)
    toward = torch.randn(found.shape, generator=stream(2), dtype=torch.float64)
    for ours, theirs in zip(
        torch.autograd.grad(found, (x, weight, bias), toward),
        torch.autograd.grad(expected, (x, weight, bias), toward),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("bias", ["digital", "array_row"])
def test_on_cells_without_levels_it_is_torch_s_own_with_their_weights(bias: str) -> None:
    cells = drawn_graph(described(CELL, "relu", {"bias": bias}), graph()).double().train().layers[0]
    assert isinstance(cells, HardwareLstm)
    scale = cells.log_scale.exp()
    weight = cells.staircase(cells.theta) * scale[:, None]
    added = cells.staircase(cells.bias) * 0.7 * scale if bias == "array_row" else cells.bias
    x = inputs().requires_grad_()
    expected, found = by_torch(x, weight, added)[:, :, -1], cells(x, 0.7)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    leaves = (x, cells.theta, cells.log_scale, cells.bias)
    ours, theirs = (torch.autograd.grad(each.square().sum(), leaves) for each in (found, expected))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def test_the_state_has_levels_of_both_signs_within_its_range() -> None:
    network = drawn_graph(described(CELL, "relu of 2 bits", {}), graph())
    cells = network.layers[0]
    assert isinstance(cells, HardwareLstm)
    cells.state.set_range(0.6)
    with torch.no_grad():
        h = cells(inputs().float(), 1.0)
    assert {round(float(each), 4) for each in h.flatten()} <= {-0.6, -0.2, 0.2, 0.6}
    assert network.largest_levels()["lstm1"] == pytest.approx(0.6)
    assert network.drives()["lstm1"].limit == 1.0
    assert network.drives()["lstm1"].signed
    assert network.drives()["fc1"].limit == pytest.approx(0.6)
    assert network.drives()["fc1"].signed


def test_weights_are_drawn_once_in_a_call_and_reads_at_every_step() -> None:
    hardware = described(
        CELL,
        "relu",
        {},
        noise={
            "programming": {"type": "additive", "sigma_ratio": 0.05},
            "read": {"type": "additive", "sigma_ratio": 0.01},
        },
    )
    network = drawn_graph(hardware, graph()).double().train()
    cells, calls = network.layers[0], list[torch.Tensor]()
    whole = cells.currents
    cells.currents = lambda operands: calls.append(operands.weights) or whole(operands)  # type: ignore[method-assign, func-returns-value]
    with torch.no_grad(), noisy_weights(network, hardware, stream(3), effects=("programming",)):
        first = cells(inputs())
        assert len(calls) == LENGTH
        assert all(each is calls[0] for each in calls)
        assert bool((cells(inputs()) != first).all())
    with torch.no_grad(), noisy_weights(network, hardware, stream(3), effects=("read",)):
        once = cells(inputs()[:1].expand(2, -1, -1))
    assert bool((once[0] != once[1]).all())


def test_ranges_of_converters_are_refreshed_in_some_calls_and_there_at_every_step() -> None:
    hardware = parse_hardware(
        {"cell": {"levels": 4, "g_max": 5e-5}, "adc": {"bits": 8, "range": {"type": "calibrated"}}}
    )
    network = HardwareNetwork(graph(), hardware, generator=stream(0)).train()
    met = list[int]()
    with converted_currents(network, hardware, every=3) as (converting, _):
        calibrate = converting._calibrate
        converting._calibrate = lambda *args: met.append(network.layers[0].step) or calibrate(*args)  # type: ignore[method-assign, func-returns-value]
        for _ in range(4):
            network(inputs().float().flatten(1)).sum().backward()
    assert met == [*range(LENGTH), *range(LENGTH)]


def test_gradients_reach_every_weight_of_every_layer() -> None:
    network = HardwareNetwork(graph(2), described(CELL, "tanh of 2 bits", {}), generator=stream(0)).train()
    network(inputs(30).float().flatten(1)).square().sum().backward()
    assert all(bool(layer.theta.grad is not None and layer.theta.grad.abs().max() > 0) for layer in network.layers)
