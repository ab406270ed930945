"""The mapped network: random chips, ties, tiles, every cell; tests/hwcore/conformance has every kind of layer."""

import copy
import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.crossbar import predicted_class
from hwcore.layers import HardwareNetwork, map_network
from hwcore.spec import component_tables, dense_graph, parse_hardware, representable
from tests.hwcore.conformance.agreement import agree, by_arrays, by_network, largest_difference
from tests.hwcore.layers.drawn_networks import CELLS, described, drawn_codes, drawn_network
from tests.hwcore.spec.chips import Description, chip, descriptions

WIDTHS = (21, 9, 7, 6)
IMAGES = 400


@settings(max_examples=25, deadline=None)
@given(descriptions(most_levels=8), st.sampled_from(["relu", "sigmoid", "tanh"]), st.integers(1, 8), st.integers(0, 99))
def test_random_chips(description: Description, function: str, bits: int, seed: int) -> None:
    weights = {**description["weights"], "bias": ("digital", "array_row")[seed % 2]}
    parts = {"activation": {"function": function, "bits": bits}, "array": {"rows": 1 + seed, "cols": 1 + seed % 7}}
    agree(drawn_network(parse_hardware({**description, **parts, "weights": weights}), WIDTHS, "none", seed))


@pytest.mark.parametrize("function", ["sigmoid", "tanh"])
@pytest.mark.parametrize("scale", ["per_layer", "per_column"])
def test_ties_of_a_chip_with_few_levels_are_decided_alike(function: str, scale: str) -> None:
    # Weights of -1, 0 and 1 and a bias row: sums are often exactly zero, where tanh, and sigmoid over the range 1,
    # have a threshold; and two classes often have the same sum.
    hardware = parse_hardware(
        {
            "cell": {"levels": 2, "g_max": 1e-5},
            "weights": {"scale": scale, "bias": "array_row"},
            "activation": {"function": function, "bits": 1, "range": 1.0},
            "array": {"rows": 4, "cols": 3},
        }
    )
    network = drawn_network(hardware, (9, 8, 6), "none")
    codes = drawn_codes(3000, 9)
    expected, found = by_network(network, codes), by_arrays(map_network(network), codes)
    assert largest_difference(found, expected) <= 1e-9
    assert torch.equal(predicted_class(found), predicted_class(expected))
    if scale == "per_layer":
        # The test would be idle without ties.
        top = expected.topk(2, dim=1).values
        assert int((top[:, 0] - top[:, 1] < 1e-12).sum()) > 30


@pytest.mark.parametrize("array", [(1, 1), (2, 3), (9, 4), (21, 9), (128, 128)])
def test_tiling_changes_nothing_on_the_ideal_chip(array: tuple[int, int]) -> None:
    weights = {"bias": "array_row"}
    whole = described("two measured tables", "relu", weights, 1000, 1000)
    cut = described("two measured tables", "relu", weights, *array)
    codes = drawn_codes(IMAGES, WIDTHS[0])
    expected = by_arrays(map_network(drawn_network(whole, WIDTHS, "none")), codes)
    mapped = map_network(drawn_network(cut, WIDTHS, "none"))
    assert largest_difference(by_arrays(mapped, codes), expected) <= 1e-12
    for layer in mapped.layers:
        rows, cols = layer.rows, layer.cols
        covered = torch.zeros(rows, cols, dtype=torch.int64)
        for (top, bottom), (left, right) in itertools.product(layer.array.grid.row_blocks, layer.array.grid.col_blocks):
            assert bottom - top <= array[0]
            assert right - left <= array[1]
            covered[top:bottom, left:right] += 1
        assert (covered == 1).all()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("encoding", ["sign_select", "full_pair"])
def test_every_cell_is_that_of_its_hard_weight(cell: str, encoding: str) -> None:
    hardware = described(cell, "relu of 2 bits", {"encoding": encoding, "bias": "array_row"})
    network = drawn_network(hardware, WIDTHS, "none")
    mapped = map_network(network)
    tables, weights = component_tables(hardware.cell), representable(hardware)
    assert (mapped.g_max_pos, mapped.g_max_neg) == (tables.g_pos.max(), tables.g_neg.max())
    assert [layer.name for layer in mapped.layers] == ["fc1", "fc2", "fc3"]
    for layer, linear in zip(mapped.layers, network.layers, strict=True):
        pairs = layer.array.pairs
        assert layer.plan.inputs == linear.in_features
        assert pairs.shape == (linear.in_features + 1, linear.out_features)
        assert np.array_equal(pairs.g_pos.numpy(), tables.g_pos[pairs.code_pos.numpy()])
        assert np.array_equal(pairs.g_neg.numpy(), tables.g_neg[pairs.code_neg.numpy()])
        # The nearest representable weight, by brute force over all of them.
        latent = torch.cat([linear.theta, linear.bias[:, None]], dim=1).detach().double().numpy()
        nearest = np.abs(latent[..., None] - weights.normalized).argmin(-1)
        np.testing.assert_array_equal(layer.difference.numpy(), weights.value[nearest].T)


def test_the_digital_part_of_each_kind_of_layer() -> None:
    hardware = described("ratio 2", "relu of 2 bits", {"bias": "array_row", "scale": "per_layer"})
    mapped = map_network(drawn_network(hardware, WIDTHS, "none"))
    first, second, third = mapped.layers
    assert first.bias_drive == 1.0
    activation = mapped.activation_behind("fc1")
    assert activation is not None
    assert activation.levels is not None
    assert second.bias_drive == activation.largest_level == float(activation.levels[-1])
    assert mapped.activation_behind(third.name) is None
    assert not third.digital.bias.any()
    assert (first.digital.scale == first.digital.scale[0]).all()
    unquantised = described("ratio 2", "relu", {"bias": "array_row"})
    assert [layer.bias_drive for layer in map_network(drawn_network(unquantised, WIDTHS, "none")).layers] == [1.0] * 3
    digital = described("ratio 2", "relu", {"bias": "digital"})
    assert [layer.bias_drive for layer in map_network(drawn_network(digital, WIDTHS, "none")).layers] == [None] * 3


def test_a_given_range_reaches_the_chip_to_the_last_bit() -> None:
    hardware = parse_hardware({"cell": {"levels": 2, "g_max": 1e-5}, "activation": {"bits": 1, "range": 2.7}})
    activation = map_network(drawn_network(hardware, (3, 2, 2), "none")).activation_behind("fc1")
    assert activation is not None
    assert activation.levels is not None
    assert activation.levels.tolist() == [0.0, 2.7]


def test_mapping_leaves_the_network_alone() -> None:
    network = drawn_network(described("ratio 2", "relu of 2 bits", {}), WIDTHS, "batch")
    before = copy.deepcopy(network.state_dict())
    map_network(network)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert next(network.parameters()).dtype == torch.float32


@pytest.mark.parametrize(("options", "named"), [({"digital": {"fc2"}}, "fc2"), ({"method": "identity"}, "fc1, fc2")])
def test_weights_that_nothing_rounds_have_no_cells(options: dict[str, Any], named: str) -> None:
    hardware = chip({"levels": 4, "g_max": 5e-5})
    network = HardwareNetwork(dense_graph((6, 5, 3)), hardware, **options)
    with pytest.raises(ValueError, match=f"unrounded weights in {named}; allowed: no digital layer or identity"):
        map_network(network)
