"""From floating point onto the chip: nothing is rounded yet, and rounded it is the same network, only coarser."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.quant import activation_function, hard_staircase
from hwcore.spec import dense_graph
from hwcore.training import Examples, full_range_scale, least_error_scale, start_from
from tests.hwcore.layers.drawn_networks import full_scales
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.small_examples import drawn

WIDTHS = (20, 12, 8, 5)
FINE = {"levels": 256, "g_max": 1e-5}
ENCODINGS = [
    ("per_layer", "array_row"),
    ("per_layer", "digital"),
    ("per_column", "array_row"),
    ("per_column", "digital"),
]


def trained(normalization: Any = "none", function: str = "relu") -> FloatNetwork:
    """Weights and biases five times what torch starts from, and statistics that have moved."""
    network = FloatNetwork(dense_graph(WIDTHS, normalization), function, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for linear in network.layers:
            linear.weight.mul_(5)
            linear.bias.mul_(5)
    for _ in range(20):
        network(examples().inputs(slice(None), torch.float32))
    return network.eval()


def examples() -> Examples:
    return drawn(500, WIDTHS[0])


def off(network: HardwareNetwork, reference: FloatNetwork) -> float:
    x = examples().inputs(slice(None), torch.float32)
    with torch.no_grad():
        found, expected = network.eval()(x), reference(x)
    return float((found - expected).abs().max() / expected.abs().max())


@pytest.mark.parametrize("rule", ["full_range", "least_error"])
@pytest.mark.parametrize(("scale", "bias"), ENCODINGS)
@pytest.mark.parametrize("function", ["relu", "tanh"])
def test_on_a_fine_chip_the_rounded_network_is_the_trained_one(function: str, scale: str, bias: str, rule: Any) -> None:
    # The bias rows are driven with the ranges of the activations, several times 1 for relu.
    activation = {"function": function, "bits": 8}
    hardware = chip(FINE, weights={"scale": scale, "bias": bias, "encoding": "full_pair"}, activation=activation)
    network, reference = HardwareNetwork(dense_graph(WIDTHS), hardware), trained(function=function)
    start_from(network, reference, examples(), rule=rule)
    assert off(network, reference) < 0.03


def test_normalisation_is_carried_over() -> None:
    network, reference = (
        HardwareNetwork(dense_graph(WIDTHS, "batch"), chip(FINE, activation={"bits": 8})),
        trained("batch"),
    )
    start_from(network, reference, examples(), rule="full_range")
    assert off(network, reference) < 0.05
    for mine, theirs in zip(network.norms, reference.norms, strict=True):
        for name in ("weight", "bias"):
            assert torch.equal(getattr(mine, name), getattr(theirs, name))
            assert getattr(mine, name) is not getattr(theirs, name)


@pytest.mark.parametrize("normalization", ["none", "batch"])
@pytest.mark.parametrize("function", ["relu", "tanh"])
def test_with_staircases_that_are_the_identity_nothing_is_rounded_on_the_coarsest_chip(
    function: str, normalization: Any
) -> None:
    hardware = chip({"levels": 2, "g_max": 1e-5}, activation={"function": function, "bits": 1})
    network = HardwareNetwork(dense_graph(WIDTHS, normalization), hardware, method="identity")
    reference = trained(normalization, function)
    start_from(network, reference, examples(), rule="full_range")
    assert off(network, reference) < 1e-5
    assert max(float(layer.theta.detach().abs().max()) for layer in network.layers) == pytest.approx(1.0)


def by_hand(
    reference: FloatNetwork,
    function: Callable[[torch.Tensor], torch.Tensor],
    values: torch.Tensor,
    scales: list[torch.Tensor],
    x: torch.Tensor,
) -> torch.Tensor:
    """The rounded network with scale and bias written out: s x W + b, then the trained normalisation of that."""
    for position, (linear, scale) in enumerate(zip(reference.layers, scales, strict=True)):
        hard = hard_staircase(linear.weight / scale[:, None], values)
        z = scale * (x @ hard.T) + linear.bias
        if position == len(scales) - 1:
            return z
        norm = reference.norms[position]
        x = function(norm.weight * (z - norm.running_mean) / (norm.running_var + norm.eps).sqrt() + norm.bias)
    raise AssertionError("a network has a last layer")


@pytest.mark.parametrize("eps", [1e-5, 0.3])
@pytest.mark.parametrize("rule", [full_range_scale, least_error_scale])
@pytest.mark.parametrize("function", ["relu", "tanh"])
def test_the_rounded_network_is_the_one_with_scale_and_bias_written_out(function: str, rule: Any, eps: float) -> None:
    hardware = chip({"levels": 4, "g_max": 1e-5, "on_off_ratio": 8}, activation={"function": function})
    reference = trained("batch", function).double()
    network = HardwareNetwork(dense_graph(WIDTHS, "batch"), hardware).double()
    with torch.no_grad():
        generator = torch.Generator().manual_seed(3)
        for mine, theirs in zip(network.norms, reference.norms, strict=True):
            mine.eps = theirs.eps = eps
            theirs.weight.normal_(generator=generator)
            theirs.bias.normal_(generator=generator)
    start_from(network, reference, examples(), rule="full_range" if rule is full_range_scale else "least_error")
    x = examples().inputs(slice(None), torch.float64)
    values = network.weight_staircase.exact
    with torch.no_grad():
        scales = [rule(linear.weight, values, per_column=True) for linear in reference.layers]
        found, expected = network.eval()(x), by_hand(reference, activation_function(function), values, scales, x)
    # It is far from what was trained, and exactly what rounding makes of it.
    assert off(network.float(), reference.float()) > 0.02
    assert float((found - expected).abs().max() / expected.abs().max()) <= 1e-9
    for layer in network.layers[:-1]:
        assert not layer.log_scale.any()
        assert not layer.bias.any()


@pytest.mark.parametrize(("scale", "bias"), ENCODINGS)
def test_nothing_is_rounded_and_by_full_range_nothing_clipped(scale: str, bias: str) -> None:
    hardware = chip({"levels": 4, "g_max": 1e-5, "negative": {"gain": 0.8}}, weights={"scale": scale, "bias": bias})
    network, reference = HardwareNetwork(dense_graph(WIDTHS), hardware), trained()
    start_from(network, reference, examples(), rule="full_range")
    for mine, theirs in zip(network.layers, reference.layers, strict=True):
        torch.testing.assert_close(mine.theta * mine.scale[:, None], theirs.weight, rtol=1e-5, atol=1e-7)
        # Without bits nothing limits the activations, and the bias rows are driven with 1.
        bias_again = mine.bias * mine.scale if bias == "array_row" else mine.bias
        torch.testing.assert_close(bias_again, theirs.bias, rtol=1e-5, atol=1e-7)
        latent = torch.cat([mine.theta, mine.bias[:, None]], dim=1) if bias == "array_row" else mine.theta
        values = network.weight_staircase.exact
        assert float(latent.max().detach()) <= float(values[-1]) + 1e-6
        assert float(latent.min().detach()) >= float(values[0]) - 1e-6


def test_the_trained_network_stays_as_it_is() -> None:
    reference = trained("batch")
    before = {name: value.clone() for name, value in reference.state_dict().items()}
    start_from(
        HardwareNetwork(dense_graph(WIDTHS, "batch"), chip(FINE, activation={"bits": 2})),
        reference,
        examples(),
    )
    assert all(torch.equal(before[name], value) for name, value in reference.state_dict().items())


def test_ranges_start_from_a_share_of_those_of_least_error() -> None:
    reference = trained("batch")
    hardware = chip(FINE, activation={"bits": 2})
    whole, narrower = (HardwareNetwork(dense_graph(WIDTHS, "batch"), hardware) for _ in range(2))
    start_from(whole, reference, examples())
    start_from(narrower, reference, examples(), initial_range_ratio=0.8)
    assert full_scales(narrower) == pytest.approx([0.8 * each for each in full_scales(whole)], rel=1e-6)
    given = HardwareNetwork(dense_graph(WIDTHS, "batch"), chip(FINE, activation={"bits": 2, "range": 1.5}))
    start_from(given, reference, examples(), initial_range_ratio=0.8)
    assert full_scales(given) == [1.5, 1.5]


def test_a_digital_layer_is_not_rounded_and_the_others_are() -> None:
    hardware = chip({"levels": 2, "g_max": 1e-5, "on_off_ratio": 8})
    reference = trained("batch")
    graph = dense_graph(WIDTHS, "batch")
    network = HardwareNetwork(graph, hardware, digital={graph.layers[0].name})
    start_from(network, reference, examples())
    first, *others = network.eval().layers
    scale = full_range_scale(reference.layers[0].weight.double(), network.weight_staircase.exact, per_column=True)
    weights = first.weights()[0] * scale[:, None]
    torch.testing.assert_close(weights, reference.layers[0].weight.double(), rtol=1e-6, atol=1e-12)
    values = network.weight_staircase.exact.float()
    assert all(bool(torch.isin(layer.weights()[0], values).all()) for layer in others)


def test_without_rounding_one_scale_for_all_columns_stays_one() -> None:
    network = HardwareNetwork(dense_graph(WIDTHS), chip(FINE), method="identity")
    start_from(network, trained(), examples(), rule="full_range_of_layer")
    assert all(len(layer.scale.unique()) == 1 for layer in network.layers)
