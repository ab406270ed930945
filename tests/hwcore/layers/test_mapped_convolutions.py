"""The mapped convolutional network: ties, rows and drives; tests/hwcore/conformance has every kind of layer."""

import pytest
import torch

from hwcore.layers import map_network
from hwcore.spec import component_tables, representable
from tests.hwcore.conformance.agreement import agree
from tests.hwcore.conformance.layer_kinds import CASES
from tests.hwcore.layers.drawn_networks import CELLS, described, drawn_codes, drawn_graph

IMAGES = 150
PLANS = CASES["conv"].plans


def test_ties_of_a_chip_with_few_levels_are_decided_alike() -> None:
    # Weights of -1, 0 and 1 and averages of tanh's two levels: sums are often exactly on a threshold.
    hardware = described("linear, off cells do not conduct", "tanh of 2 bits", {"scale": "per_layer"})
    for seed in range(5):
        agree(drawn_graph(hardware, PLANS["average first"].graph(), seed))


@pytest.mark.parametrize("cell", CELLS)
def test_the_rows_are_channel_row_and_column_of_the_kernel(cell: str) -> None:
    hardware = described(cell, "relu of 2 bits", {"bias": "array_row"})
    network = drawn_graph(hardware, PLANS["max and average"].graph())
    mapped = map_network(network)
    tables, weights = component_tables(hardware.cell), representable(hardware)
    assert [layer.name for layer in mapped.layers] == ["conv1", "conv2", "fc1", "fc2"]
    assert [layer.plan for layer in mapped.layers] == list(network.plan)
    layer, kernel = mapped.layers[1], network.layers[1].weights()[0].detach().double()
    assert layer.plan.inputs == 4 * 2 * 2
    assert layer.array.pairs.shape == (17, 5)
    difference = layer.difference / weights.g_reference
    for channel in range(4):
        for y in range(2):
            for x in range(2):
                row = (channel * 2 + y) * 2 + x
                torch.testing.assert_close(difference[row], kernel[:, channel, y, x], rtol=1e-6, atol=1e-7)
    assert torch.equal(layer.array.pairs.g_pos, torch.from_numpy(tables.g_pos)[layer.array.pairs.code_pos.long()])
    # The bias row is driven with the full scale of the activation before it.
    activation = mapped.activation_behind("conv1")
    assert activation is not None
    assert layer.bias_drive == activation.largest_level


def test_every_drive_of_the_next_array_is_a_level_of_the_activation() -> None:
    network = drawn_graph(described("ratio 2", "relu of 2 bits", {}), PLANS["average first"].graph("batch"))
    seen: list[torch.Tensor] = []
    network.layers[1].register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    network(drawn_codes(IMAGES, 72).float() / 15)
    # In the precision of the network, whatever the range.
    first = network.activations["conv1_act"]
    assert first.staircase is not None
    levels = first.staircase.exact.float() * first.range.detach()
    assert len(seen[0].unique()) > 2
    assert set(seen[0].unique().tolist()) <= set(levels.tolist())
