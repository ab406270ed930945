"""Networks in floating point and of cells: by hand, shared staircases, seeds, drives of bias rows."""

import copy
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.quant import Staircase
from hwcore.spec import Graph, Hardware, LayerPlan, Normalization, Pool, Window, chain_graph, dense_graph, dense_plan
from tests.hwcore.layers.drawn_networks import full_scales
from tests.hwcore.spec.chips import chip


def described(**parts: dict[str, Any]) -> Hardware:
    return chip({"levels": 3, "g_max": 8e-6}, **parts)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("function", ["relu", "sigmoid", "tanh"])
def test_floating_point_is_linear_norm_function(function: str) -> None:
    network = FloatNetwork(dense_graph((5, 4, 3, 2), "batch"), function, generator=seeded(0))
    x = torch.rand(20, 5)
    network(x)  # moves the statistics
    network.eval()
    y = x
    for linear, norm in zip(network.layers[:-1], network.norms, strict=True):
        y = getattr(torch, function)(norm(F.linear(y, linear.weight, linear.bias)))
    expected = F.linear(y, network.layers[-1].weight, network.layers[-1].bias)
    torch.testing.assert_close(network(x), expected, rtol=1e-6, atol=1e-7)


def test_no_hidden_layer_is_one_matrix() -> None:
    network = FloatNetwork(dense_graph((5, 2), "batch"), "relu", generator=seeded(0))
    assert not len(network.norms)
    x = torch.rand(3, 5)
    assert torch.equal(network(x), F.linear(x, network.layers[0].weight, network.layers[0].bias))
    hardware = HardwareNetwork(dense_graph((5, 2), "batch"), described())
    assert hardware(x).shape == (3, 2)
    assert full_scales(hardware) == []


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed: relu, sigmoid, tanh"):
        FloatNetwork(dense_graph((5, 4, 2)), "softsign")


@pytest.mark.parametrize(
    "build",
    [
        lambda generator: FloatNetwork(dense_graph((5, 4, 2)), "relu", generator=generator),
        lambda generator: HardwareNetwork(dense_graph((5, 4, 2)), described(), generator=generator),
    ],
)
def test_the_generator_decides_the_initial_weights(build: Any) -> None:
    first, second, other = (build(seeded(seed)).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    build(seeded(3))
    assert torch.equal(torch.rand(1), expected)


def test_hard_values_by_hand() -> None:
    # Weights of -1, -0.5, 0, 0.5, 1; the range of the activation is 2, so the second bias row is driven with 2.
    hardware = described(weights={"bias": "array_row", "scale": "per_layer"}, activation={"bits": 1, "range": 2.0})
    network = HardwareNetwork(dense_graph((2, 2, 1)), hardware).double().eval()
    first, second = network.layers
    with torch.no_grad():
        first.theta.copy_(torch.tensor([[1.0, 0.5], [-1.0, 0.0]]))
        first.bias.copy_(torch.tensor([0.0, 0.5]))
        first.log_scale.zero_()
        second.theta.copy_(torch.tensor([[0.5, 1.0]]))
        second.bias.copy_(torch.tensor([-0.5]))
        second.log_scale.fill_(3.0).log_()
    assert full_scales(network) == [2.0]
    # (1, 0): 1 and -0.5 give 2 and 0; (0, 1): 0.5 and 0.5 give 0 and 0 (below 1); (0, 0): 0 and 0.5.
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], dtype=torch.float64)
    expected = torch.tensor([[3 * (1.0 - 1.0)], [-3.0], [-3.0]], dtype=torch.float64)
    torch.testing.assert_close(network(x), expected, rtol=1e-14, atol=1e-14)


def test_the_layers_share_one_staircase_of_each_kind() -> None:
    network = HardwareNetwork(dense_graph((5, 4, 4, 2), "batch"), described(activation={"bits": 2}))
    for each in (network, copy.deepcopy(network).double()):
        kinds = {id(module) for module in each.modules() if isinstance(module, Staircase)}
        assert len(kinds) == 2
        assert {id(linear.staircase) for linear in each.layers} == {id(each.weight_staircase)}
    of_staircases = {name for name in network.state_dict() if "staircase" in name}
    assert of_staircases
    assert {name.rpartition(".")[2] for name in of_staircases} == {"schedule"}


def test_evaluation_is_hard_and_training_is_not() -> None:
    network = HardwareNetwork(dense_graph((5, 4, 2)), described(activation={"bits": 2}), generator=seeded(0)).double()
    x = torch.rand(50, 5, dtype=torch.float64)
    hard = network.eval()(x)
    with torch.no_grad():
        network.layers[0].theta.add_(1e-9)
    assert torch.equal(network(x), hard)
    soft = network.train()(x)
    assert not torch.allclose(soft, hard, rtol=1e-3, atol=0)
    network.weight_staircase.sharpen(1e4)
    staircase = network.activations["fc1_act"].staircase
    assert staircase is not None
    staircase.sharpen(1e4)
    # Within the last thousandth of a step lies next to nothing.
    assert float((network(x) - hard).abs().median().detach()) < 1e-6


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_every_parameter_learns(method: str) -> None:
    for weights in ({}, {"bias": "array_row", "scale": "per_layer"}):
        network = HardwareNetwork(
            dense_graph((5, 4, 4, 2)),
            described(weights=weights, activation={"bits": 2}),
            method=method,
            generator=seeded(0),
        )
        for parameter in network.parameters():
            with torch.no_grad():
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=seeded(1)))
        network(torch.rand(200, 5, generator=seeded(2))).square().sum().backward()
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.abs().max() > 0, name
            assert parameter.grad.isfinite().all(), name


def test_the_normalisation_is_batchnorm_or_nothing() -> None:
    cases: list[tuple[Normalization, list[type[nn.Module]]]] = [("batch", [nn.BatchNorm1d] * 2), ("none", [])]
    for normalization, kinds in cases:
        for network in (
            FloatNetwork(dense_graph((5, 4, 3, 2), normalization), "relu"),
            HardwareNetwork(dense_graph((5, 4, 3, 2), normalization), described()),
        ):
            assert [type(norm) for norm in network.norms] == kinds


def convolved(normalization: Normalization) -> Graph:
    layers = LayerPlan("conv1", "conv", 4, Window.of(1, (6, 5), 3, padding=1)), *dense_plan((4 * 3 * 2, 5, 3))
    return chain_graph(layers, normalization, {"conv1": Pool(type="average", size=2)})


def test_a_block_is_convolution_norm_pool_function() -> None:
    network = FloatNetwork(convolved("batch"), "tanh", generator=seeded(0))
    x = torch.rand(20, 30)
    network(x)  # moves the statistics
    network.eval()
    first, second, third = network.layers
    z = network.norms[0](F.conv2d(x.reshape(20, 1, 6, 5), first.weight, first.bias, padding=1))
    y = torch.tanh(F.avg_pool2d(z, 2)).flatten(1)
    y = torch.tanh(network.norms[1](F.linear(y, second.weight, second.bias)))
    torch.testing.assert_close(network(x), F.linear(y, third.weight, third.bias), rtol=1e-6, atol=1e-7)
    assert [type(norm) for norm in network.norms] == [nn.BatchNorm2d, nn.BatchNorm1d]


def test_a_generator_draws_every_kind_of_layer_and_leaves_torch_s_own_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    first, second = (FloatNetwork(convolved("batch"), "relu", generator=seeded(1)).state_dict() for _ in range(2))
    HardwareNetwork(convolved("batch"), described(), generator=seeded(1))
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert float(first["steps.0.weight"].abs().max()) <= 1 / 3


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
@pytest.mark.parametrize("weights", [{}, {"bias": "array_row", "scale": "per_layer"}], ids=["digital", "array row"])
def test_every_parameter_of_a_convolution_learns(weights: dict[str, str], method: str) -> None:
    hardware = described(weights=weights, activation={"function": "tanh", "bits": 2})
    network = HardwareNetwork(convolved("none"), hardware, method=method, generator=seeded(0))
    for parameter in network.parameters():
        with torch.no_grad():
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=seeded(1)))
    network(torch.rand(200, 30, generator=seeded(2))).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name
        assert parameter.grad.isfinite().all(), name


def test_a_digital_layer_that_the_network_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="digital: got fc7; allowed: fc1, fc2"):
        HardwareNetwork(dense_graph((6, 5, 3)), described(), digital={"fc7"})


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_a_digital_layer_learns_as_floating_point_does(method: Any) -> None:
    network = HardwareNetwork(dense_graph((6, 3)), described(), method=method, digital={"fc1"}).train()
    (layer,) = network.layers
    codes = torch.rand(7, 6, generator=seeded(0))
    with torch.no_grad():
        layer.theta[0].mul_(3)  # beyond the range of the cells
    network(codes).sum().backward()
    assert torch.equal(layer.weights()[0], layer.theta)
    assert layer.theta.grad is not None
    torch.testing.assert_close(layer.theta.grad, layer.scale.expand(3)[:, None] * codes.sum(0), rtol=1e-5, atol=0)
