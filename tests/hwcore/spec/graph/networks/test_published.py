"""Published networks, layer by layer: as many parameters and products as their authors count."""

import pytest
import torch.nn.functional as F
from torch import ones, zeros

from hwcore.errors import InvalidInput
from hwcore.spec import (
    Add,
    DatasetFacts,
    Graph,
    Misfit,
    Normalize,
    described_model,
    footprint,
    graph_drives,
    parse_hardware,
    parse_job,
)
from hwcore.spec.derive.network import BUILDERS
from hwcore.spec.graph.networks.blocks import same_margins

CIFAR = DatasetFacts("images", (3, 32, 32), 10, "")
SPEECH = DatasetFacts("speech", (10, 49), 12, "")
WAKE = DatasetFacts("persons", (3, 96, 96), 2, "")
SOUND = DatasetFacts("machines", (640,), 2, "")


def graph(name: str, facts: DatasetFacts) -> Graph:
    model = described_model(name).model_copy(update={"normalization": "batch"})  # type: ignore[arg-type]
    return BUILDERS[type(model)](model, facts)


def parameters(of: Graph) -> int:
    """Weights, a bias for every output, and four numbers of a normalisation for every channel, as Keras counts them."""
    layers = sum(layer.weights + layer.outputs for layer in of.layers)
    return layers + sum(4 * node.shape[0] for node in of.of_kind(Normalize))


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    # C. Banbury et al. 2021, arXiv:2106.07597, and the models of the benchmark's repository.
    [("resnet-8", CIFAR, 78_666), ("ds-cnn", SPEECH, 24_908), ("fc-autoencoder", SOUND, 269_992)],
)
def test_parameters_are_those_of_mlperf_tiny(name: str, facts: DatasetFacts, expected: int) -> None:
    assert parameters(graph(name, facts)) == expected


def test_products_of_resnet_8_are_12_5_million() -> None:
    assert sum(layer.weights * layer.positions for layer in graph("resnet-8", CIFAR).layers) == 12_501_632


def test_mobilenet_has_its_thirteen_blocks_and_ends_in_a_map_of_three_by_three() -> None:
    layers = graph("mobilenet-v1-025", WAKE).layers
    assert [layer.outputs for layer in layers if layer.name.endswith("pointwise")] == [
        *(16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256),
    ]
    assert all(layer.window.groups == layer.window.channels for layer in layers if layer.name.endswith("depthwise"))
    assert layers[-2].out_shape == (256, 3, 3)
    assert (layers[-1].inputs, layers[-1].outputs) == (256, 2)


def test_a_residual_block_adds_its_input_or_a_convolution_of_one_pixel() -> None:
    of = graph("resnet-8", CIFAR)
    first, second, third = of.of_kind(Add)
    assert first.inputs == ("conv1_act", "block1_conv2_norm")
    assert second.inputs == ("block2_shortcut", "block2_conv2_norm")
    assert of["block2_shortcut"].inputs == ("block1_act",)
    assert third.shape == (64, 8, 8)


def test_speech_is_an_image_of_one_channel_with_time_from_top_to_bottom() -> None:
    of = graph("ds-cnn", SPEECH)
    assert of["image"].shape == (1, 49, 10)
    assert of["conv1"].shape == (64, 25, 5)


@pytest.mark.parametrize(("size", "kernel", "stride"), [(49, 10, 2), (10, 4, 2), (32, 3, 2), (32, 3, 1), (7, 1, 2)])
def test_margins_are_as_small_as_they_can_be(size: int, kernel: int, stride: int) -> None:
    ((before, after),) = same_margins([size], [kernel], [stride])
    found = F.conv1d(F.pad(zeros(1, 1, size), (before, after)), ones(1, 1, kernel), stride=stride)
    assert found.shape[-1] == -(-size // stride)
    assert 0 <= after - before <= 1


def test_a_depthwise_network_uses_little_of_its_tiles_and_a_dense_variant_much() -> None:
    hardware = parse_hardware({"cell": {"levels": 4, "g_max": 5e-5}})
    model = described_model("ds-cnn")
    dense = model.model_copy(update={"separable": False})
    few, many = (footprint(hardware, BUILDERS[type(model)](each, SPEECH)) for each in (dense, model))
    depthwise = [layer for layer in many.layers if layer.name.endswith("depthwise")]
    assert max(layer.utilisation for layer in depthwise) < 0.01
    assert few.utilisation > 0.3
    assert many.tiles > 10 * few.tiles


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"type": "resnet-8", "channels": []}, "model.channels"),
        ({"type": "ds-cnn", "blocks": 40}, "model.blocks"),
        ({"type": "mobilenet-v1", "width": 0}, "model.width"),
    ],
)
def test_sizes_have_bounds(model: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_job({"hardware": "ideal", "dataset": "digits", "model": model})


def test_vectors_are_no_images() -> None:
    with pytest.raises(Misfit, match="conv1: got vectors; allowed: images or series"):
        graph("resnet-8", SOUND)


@pytest.mark.parametrize(("function", "signed"), [("relu", False), ("sigmoid", False), ("tanh", True)])
@pytest.mark.parametrize("name", ["resnet-8", "mobilenet-v1-025"])
def test_means_of_signed_maps_are_signed(name: str, function: str, signed: bool) -> None:
    hardware = parse_hardware({"cell": {"levels": 4, "g_max": 5e-5}, "activation": {"function": function, "bits": 4}})
    assert graph_drives(graph(name, CIFAR), hardware)["fc1"].signed is signed
