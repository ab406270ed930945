"""Drives of the word lines, layer after layer."""

import torch

from hwcore.crossbar import as_designed, layer_drives
from hwcore.crossbar.network import simulated_at_once
from hwcore.layers import map_network
from hwcore.spec import described_model, network_graph
from tests.hwcore.crossbar.built_chips import CODES, LSB, foundry, mapped, under
from tests.hwcore.crossbar.small_networks import layer, network
from tests.hwcore.layers.drawn_networks import described, drawn_codes, drawn_graph


def test_by_hand_with_a_bias_row() -> None:
    of = network(
        layer([[2.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 0.0]], scale=[1.0, 1.0], bias=[0.5, 0.0]),
        layer([[1.0], [1.0], [1.0]], [[0.0]] * 3, scale=[1.0], bias=[0.0], bias_drive=1.5, name="fc2"),
    )
    codes = torch.tensor([[2, 1], [0, 4]], dtype=torch.uint8)
    drives = layer_drives(of, as_designed(of), codes, 0.25)
    assert list(drives) == ["fc1", "fc2"]
    first, second = drives.values()
    assert first.tolist() == [[0.5, 0.25], [0.0, 1.0]]
    # 2 x 0.5 + 0.5 and 0.25 - 0.5, cut off at zero; 0.5 and 1; then the bias row.
    assert second.tolist() == [[1.5, 0.0, 1.5], [0.5, 1.0, 1.5]]


def test_they_are_those_of_the_chip_that_is_given() -> None:
    designed, built = (
        layer_drives(mapped(), chip, CODES, LSB)
        for chip in (as_designed(mapped()), foundry().chip(0, under(["programming"])))
    )
    assert torch.equal(designed["fc1"], built["fc1"])
    assert not torch.equal(designed["fc2"], built["fc2"])


def test_of_a_convolution_there_are_as_many_products_as_positions_and_no_more_images_than_fit() -> None:
    hardware = described("ratio 2", "relu of 2 bits", {}, 128, 128)
    of = map_network(drawn_graph(hardware, network_graph(described_model("lenet-5"), "mnist")))
    images = simulated_at_once(of)
    drives = layer_drives(of, as_designed(of), drawn_codes(images + 2, 784), 1 / 15)
    for of_layer in of.layers:
        assert drives[of_layer.name].shape == (images * of_layer.plan.positions, of_layer.rows)
