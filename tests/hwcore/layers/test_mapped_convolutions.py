"""The chip computes what the hard convolutional network does: every geometry, pooling, scale, bias and activation."""

import copy
import math

import pytest
import torch

from hwcore.crossbar import array_logits, as_designed, predicted_class
from hwcore.layers import HardwareNetwork, map_network
from hwcore.spec import LayerPlan, Plan, Pool, Window, component_tables, dense_plan, representable
from tests.hwcore.layers.drawn_networks import ACTIVATIONS, CELLS, described, drawn_codes, drawn_plan

IMAGES = 150
MAX, AVERAGE = Pool(type="max", size=2), Pool(type="average", size=3)
Geometry = tuple[int, int, int, Pool | None]
GEOMETRIES: dict[str, tuple[Geometry, Geometry]] = {
    "max and average": ((3, 1, 1, MAX), (2, 1, 1, AVERAGE)),
    "average first": ((2, 1, 0, AVERAGE), (2, 1, 0, None)),
    "strides without pooling": ((3, 2, 1, None), (3, 2, 2, None)),
    "one pixel": ((1, 1, 0, None), (1, 3, 0, MAX)),
}
"""Kernel, stride, padding and pooling of two convolutions over images of one channel of 9 x 8 pixels."""


def plan(name: str) -> Plan:
    layers: list[LayerPlan] = []
    shape = (1, 9, 8)
    for number, ((kernel, stride, padding, pool), channels) in enumerate(zip(GEOMETRIES[name], (4, 5), strict=True), 1):
        window = Window(*shape, kernel, stride, padding, pool)
        layers.append(LayerPlan(f"conv{number}", window.rows, channels, window))
        shape = (channels, *window.pooled)
    return (*layers, *dense_plan((math.prod(shape), 7, 6)))


def agree(network: HardwareNetwork) -> None:
    codes = drawn_codes(IMAGES, 72)
    with torch.no_grad():
        expected = copy.deepcopy(network).double()(codes.double() / 15)
    mapped = map_network(network)
    found = array_logits(mapped, as_designed(mapped), codes, 1 / 15)
    off = (found - expected).abs().amax(1) / expected.abs().amax(1).clamp(min=1e-300)
    assert float(off.max()) <= 1e-9
    assert torch.equal(predicted_class(found), predicted_class(expected))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_arrays_and_hard_network_agree(geometry: str, activation: str, cell: str) -> None:
    for scale in ("per_layer", "per_column"):
        for bias in ("digital", "array_row"):
            hardware = described(cell, activation, {"scale": scale, "bias": bias})
            agree(drawn_plan(hardware, plan(geometry), "none"))
    agree(drawn_plan(described(cell, activation, {"encoding": "full_pair"}), plan(geometry), "batch"))


def test_ties_of_a_chip_with_few_levels_are_decided_alike() -> None:
    # Weights of -1, 0 and 1 and averages of tanh's two levels: sums are often exactly on a threshold.
    hardware = described("linear, off cells do not conduct", "tanh of 2 bits", {"scale": "per_layer"})
    for seed in range(5):
        agree(drawn_plan(hardware, plan("average first"), "none", seed))


@pytest.mark.parametrize("cell", CELLS)
def test_the_rows_are_channel_row_and_column_of_the_kernel(cell: str) -> None:
    hardware = described(cell, "relu of 2 bits", {"bias": "array_row"})
    network = drawn_plan(hardware, plan("max and average"), "none")
    mapped = map_network(network)
    tables, weights = component_tables(hardware.cell), representable(hardware)
    assert [layer.name for layer in mapped.layers] == ["conv1", "conv2", "fc1", "fc2"]
    assert [layer.plan for layer in mapped.layers] == list(network.plan)
    layer, kernel = mapped.layers[1], network.linear[1].weights()[0].detach().double()
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
    assert mapped.layers[0].digital.activation is not None
    assert layer.bias_drive == mapped.layers[0].digital.activation.largest_level


def test_every_drive_of_the_next_array_is_a_level_of_the_activation() -> None:
    network = drawn_plan(described("ratio 2", "relu of 2 bits", {}), plan("average first"), "batch")
    seen: list[torch.Tensor] = []
    network.linear[1].register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0]))
    network(drawn_codes(IMAGES, 72).float() / 15)
    # In the precision of the network, whatever the range.
    levels = network.activation[0].staircase.exact.float() * network.activation[0].range.detach()
    assert len(seen[0].unique()) > 2
    assert set(seen[0].unique().tolist()) <= set(levels.tolist())
