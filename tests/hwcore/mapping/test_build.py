"""A network from its plan, its hardware and the contents of its layers."""

import pytest
import torch

from hwcore.mapping import Digital, MappedActivation, Pairs, build_network
from hwcore.spec import Drive, Hardware, component_tables, dense_graph
from tests.hwcore.spec.chips import chip

GRAPH = dense_graph((5, 3, 2))
RELU = MappedActivation("relu", torch.tensor([0.0, 2.5], dtype=torch.float64), torch.ones(1, dtype=torch.float64))
NODES = {"fc1_act": RELU}


def described(**parts: dict[str, object]) -> Hardware:
    array = {"rows": 4, "cols": 2}
    return chip({"levels": 2, "g_max": 1e-5}, array=array, input={"bits": 4, "bit_serial": True}, **parts)


def contents(hardware: Hardware, bias_row: int = 0) -> dict[str, tuple[Pairs, Digital]]:
    """Every code 1."""
    found = {}
    for layer in GRAPH.layers:
        codes = torch.ones(layer.inputs + bias_row, layer.outputs, dtype=torch.uint8)
        columns = torch.ones(layer.outputs, dtype=torch.float64)
        pairs = Pairs.of(codes, codes, component_tables(hardware.cell))
        found[layer.name] = pairs, Digital(columns, columns)
    return found


def test_tiles_and_drives_follow_from_the_description() -> None:
    hardware = described()
    first, second = (
        network := build_network(GRAPH, hardware, component_tables(hardware.cell), contents(hardware), NODES)
    ).layers
    assert (first.plan, second.plan) == GRAPH.layers
    assert (first.drive, second.drive) == (Drive(1.0, bits=4), Drive(2.5))
    assert first.array.grid.row_blocks == ((0, 4), (4, 5))
    assert first.array.grid.col_blocks == ((0, 2), (2, 3))
    assert (first.array.name, first.array.significance) == ("fc1", 1.0)
    assert (first.bias_drive, second.bias_drive) == (None, None)
    assert (network.g_max_pos, network.g_min_neg) == (1e-5, 0.0)


def test_a_bias_row_is_driven_with_the_full_scale_of_its_inputs() -> None:
    hardware = described(weights={"bias": "array_row"})
    first, second = build_network(
        GRAPH, hardware, component_tables(hardware.cell), contents(hardware, bias_row=1), NODES
    ).layers
    assert (first.bias_drive, second.bias_drive) == (1.0, 2.5)


def test_contents_that_do_not_go_with_the_graph_are_refused() -> None:
    hardware = described()
    whole = contents(hardware)
    with pytest.raises(KeyError, match="fc2"):
        build_network(GRAPH, hardware, component_tables(hardware.cell), {"fc1": whole["fc1"]}, NODES)
    with pytest.raises(KeyError, match="fc1_act"):
        build_network(GRAPH, hardware, component_tables(hardware.cell), whole, {})
