"""What training does with convolutions: the start from floating point, ranges, statistics, bounded batches."""

from typing import Any

import pytest
import torch
from torch import nn

from hwcore.crossbar import NUMBERS
from hwcore.layers import FloatNetwork, HardwareNetwork
from hwcore.spec import Cnn, Convolution, Graph, Pool, Sharpening, Training, described_model, network_graph
from hwcore.training import Recipe, calibrate_activations, fit, settle_normalization, start_from
from hwcore.training.batches import EVALUATION_BATCH, images_at_once
from tests.hwcore.layers.drawn_networks import full_scales
from tests.hwcore.spec.chips import chip
from tests.hwcore.training.small_examples import digits, drawn

MODEL = Cnn(
    convolutions=(
        Convolution(channels=6, kernel=3, padding=1, pool=Pool(type="average", size=2)),
        Convolution(channels=8, kernel=2, stride=2, pool=Pool(type="max", size=2)),
    ),
    hidden=(12,),
)


def graph(normalization: Any = "none") -> Graph:
    return network_graph(MODEL.model_copy(update={"normalization": normalization}), "digits")


FINE = {"levels": 256, "g_max": 1e-5}


def trained(normalization: Any, function: str = "relu") -> FloatNetwork:
    """Weights and biases three times what torch starts from, and statistics that have moved."""
    network = FloatNetwork(graph(normalization), function, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        for linear in network.layers:
            linear.weight.mul_(3)
            linear.bias.mul_(3)
    for _ in range(20):
        network(drawn(500, 64).inputs(slice(None), torch.float32))
    return network.eval()


@pytest.mark.parametrize("rule", ["full_range", "least_error"])
@pytest.mark.parametrize(
    ("scale", "bias", "normalization"),
    [("per_layer", "array_row", "none"), ("per_column", "array_row", "none"), ("per_column", "digital", "batch")],
)
@pytest.mark.parametrize("function", ["relu", "tanh"])
def test_on_a_fine_chip_the_rounded_network_is_the_trained_one(
    function: str, scale: str, bias: str, normalization: Any, rule: Any
) -> None:
    weights = {"scale": scale, "bias": bias, "encoding": "full_pair"}
    hardware = chip(FINE, weights=weights, activation={"function": function, "bits": 8})
    network, reference = HardwareNetwork(graph(normalization), hardware), trained(normalization, function)
    examples = drawn(500, 64)
    start_from(network, reference, examples, rule=rule)
    x = examples.inputs(slice(None), torch.float32)
    with torch.no_grad():
        found, expected = network.eval()(x), reference(x)
    assert float((found - expected).abs().max() / expected.abs().max()) < 0.05
    assert [type(norm) for norm in network.norms[:1]] == ([nn.BatchNorm2d] if normalization == "batch" else [])


def test_ranges_are_those_of_the_pooled_outputs() -> None:
    reference, examples = trained("batch"), drawn(300, 64)
    network = HardwareNetwork(graph("batch"), chip(FINE, activation={"bits": 2}))
    calibrate_activations(network, reference, examples, rule="full_range")
    x = examples.inputs(slice(None), torch.float32)
    with torch.no_grad():
        largest = [float(output.max()) for _, output in reference.hidden(x)]
    assert full_scales(network) == pytest.approx(largest, rel=1e-6)


def test_the_statistics_are_those_of_hard_values_at_every_position() -> None:
    network = HardwareNetwork(graph("batch"), chip({"levels": 3, "g_max": 1e-5}, activation={"bits": 2}))
    examples = drawn(300, 64)
    settle_normalization(network, examples)
    x = examples.inputs(slice(None), torch.float32).reshape(-1, 1, 8, 8)
    with torch.no_grad():
        z = network.layers[0](x)
    first = network.norms[0]
    torch.testing.assert_close(first.running_mean, z.mean((0, 2, 3)), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(first.running_var, z.var((0, 2, 3)), rtol=1e-3, atol=1e-5)


def test_training_lowers_the_loss() -> None:
    training, validation = digits()
    network = HardwareNetwork(
        graph("batch"),
        chip({"levels": 8, "g_max": 1e-5}, activation={"bits": 4}),
        generator=torch.Generator().manual_seed(0),
    )
    curve = fit(
        network,
        training,
        validation,
        Recipe(Training(batch=32), 6, Sharpening()),
        generator=torch.Generator().manual_seed(0),
    )
    assert curve[-1].loss < curve[0].loss - 0.2
    assert curve[-1].validation > 0.25


def test_batches_are_small_where_positions_multiply_them() -> None:
    lenet = FloatNetwork(network_graph(described_model("lenet-5"), "mnist"), "relu")
    # conv1: 25 word lines at 784 positions.
    assert images_at_once(lenet) == NUMBERS // (25 * 784)
    assert images_at_once(lenet, 10) == 10
    assert images_at_once(lenet, numbers=1) == 1
    assert images_at_once(nn.Linear(3, 2)) == EVALUATION_BATCH
