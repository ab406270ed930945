"""A broken network looks broken: NaN in a parameter or an input comes out as NaN, and is never put on a chip."""

import copy
from typing import Any

import pytest
import torch
from torch import nn

from hwcore.crossbar import as_designed, simulate
from hwcore.errors import TrainingFailed
from hwcore.layers import (
    HardwareActivation,
    HardwareConv2d,
    HardwareLinear,
    HardwareNetwork,
    converted_currents,
    map_network,
    noisy_weights,
    wired_weights,
)
from hwcore.layers.converted import converted_straight
from hwcore.quant import Method
from hwcore.spec import Activation, Hardware, dense_graph
from hwcore.streams import stream
from tests.hwcore.spec.chips import chip

METHODS: tuple[Method, ...] = ("smooth", "straight_through")
CHIPS: dict[str, dict[str, Any]] = {
    "few levels": {"cell": {"levels": 2, "g_max": 1e-5}},
    "two bits": {"cell": {"levels": 4, "g_max": 1e-5}, "activation": {"bits": 2}},
    "256 levels": {"cell": {"levels": 256, "g_max": 1e-5}},
    "bias row": {"cell": {"levels": 4, "g_max": 1e-5}, "weights": {"bias": "array_row"}},
    "noise": {
        "cell": {"levels": 4, "g_max": 1e-5},
        "noise": {
            "programming": {"type": "proportional", "sigma_ratio": 0.1},
            "read": {"type": "proportional", "sigma_ratio": 0.02},
        },
    },
    "wires and converters": {
        "cell": {"levels": 4, "g_max": 1e-5, "on_off_ratio": 20},
        "array": {"rows": 8, "cols": 8, "wire_resistance": {"word": 2.0, "bit": 2.0}},
        "adc": {"bits": 5},
    },
}


def hardware(of: str) -> Hardware:
    parts = copy.deepcopy(CHIPS[of])
    return chip(parts.pop("cell"), **parts)


def broken_output(layer: nn.Module, of: Hardware, x: torch.Tensor, *, training: bool) -> torch.Tensor:
    layer.train(training)
    with (
        noisy_weights(layer, of, stream(1), effects=("programming", "read")),
        wired_weights(layer, of),
        converted_currents(layer, of),
    ):
        found: torch.Tensor = layer(x)
    return found


@pytest.mark.parametrize("of", CHIPS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("training", [True, False])
def test_one_weight_breaks_its_own_column(of: str, method: Method, training: bool) -> None:
    described = hardware(of)
    dense = HardwareLinear(6, 3, described, method=method, generator=stream(0))
    folded = HardwareConv2d(2, 3, 2, described, method=method, generator=stream(0))
    for layer, x in ((dense, torch.rand(5, 6)), (folded, torch.rand(5, 2, 3, 3))):
        with torch.no_grad():
            layer.theta.view(-1)[layer.inputs + 1] = torch.nan
        found = broken_output(layer, described, x, training=training)
        broken = found.isnan().movedim(1, 0).flatten(1)
        assert broken.all(1).tolist() == [False, True, False]
        assert broken.any(1).tolist() == [False, True, False]
        if training:
            found[:, 1].sum().backward()
            assert layer.theta.grad is not None
            assert bool(layer.theta.grad.view(-1)[layer.inputs + 1].isnan())


@pytest.mark.parametrize("bits", [1, 2, 5, 8])
@pytest.mark.parametrize("function", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("method", METHODS)
def test_an_activation_keeps_it(bits: int, function: Any, method: Method) -> None:
    layer = HardwareActivation(Activation(function=function, bits=bits), method=method)
    for training in (True, False):
        layer.train(training)
        x = torch.tensor([0.3, torch.nan, -0.2], requires_grad=True)
        found = layer(x)
        assert found.isnan().tolist() == [False, True, False]
        if training:
            found.sum().backward()
            assert x.grad is not None
            assert x.grad.isnan().tolist() == [False, True, False]


def test_a_converter_keeps_it_with_its_gradient() -> None:
    current = torch.tensor([[0.3, torch.nan, 9.0]], requires_grad=True)
    found = converted_straight(current, torch.ones(3), 4)
    assert found.isnan().tolist() == [[False, True, False]]
    found.sum().backward()
    assert current.grad is not None
    torch.testing.assert_close(current.grad, torch.tensor([[1.0, torch.nan, 0.0]]), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", ["steps.0.theta", "steps.3.log_scale", "steps.1.running_var", "steps.2.log_range"])
def test_a_broken_network_is_not_put_on_a_chip(name: str) -> None:
    network = HardwareNetwork(dense_graph([6, 4, 3], "batch"), hardware("two bits"), generator=stream(0)).eval()
    network.state_dict()[name].view(-1)[:1] = torch.nan
    with pytest.raises(TrainingFailed, match=rf"^{name}: got NaN in 1 of \d+ places; allowed: numbers"):
        map_network(network)
    assert bool(network(torch.rand(2, 6)).isnan().any())


def test_the_activation_of_a_chip_keeps_it() -> None:
    network = HardwareNetwork(dense_graph([6, 4, 3]), hardware("two bits"), generator=stream(0)).eval()
    mapped = map_network(network)
    x = torch.rand(2, 6, dtype=torch.float64)
    x[1, 2] = torch.nan
    found = simulate(mapped, as_designed(mapped), x)
    assert found.isnan().any(1).tolist() == [False, True]
