"""Every kind of node keeps one contract: shapes, floating point, hard network, mapped network and arrays."""

import re

import pytest
import torch

from hwcore.layers import FloatNetwork, HardwareNetwork, map_network
from hwcore.spec import INPUT, NODE_KINDS, Graph, GraphBuilder, MapPool, Misfit, Product, ValueRange, parse_hardware
from hwcore.streams import stream
from tests.hwcore.conformance.agreement import agree
from tests.hwcore.conformance.node_cases import CASES, Case, network
from tests.hwcore.layers.drawn_networks import ACTIVATIONS, described, drawn_graph

CELL = "exponential, ratio 8, negative at 0.8"
EVERY = [pytest.param(case, id=kind) for kind, case in CASES.items()]


def test_every_kind_is_held_to_the_contract_and_says_what_it_is() -> None:
    assert set(CASES) == set(NODE_KINDS)
    for kind, operation in NODE_KINDS.items():
        assert type(CASES[kind].operation) is operation
        assert operation.title


@pytest.mark.parametrize("case", EVERY)
def test_the_floating_point_form_is_torch_s_own_and_has_the_shape_that_is_worked_out(case: Case) -> None:
    x = [torch.randn(7, *shape, generator=stream(number)) for number, shape in enumerate(case.shapes)]
    shape = case.operation.shape(*case.shapes)
    module = FloatNetwork(network(case), "relu", generator=stream(0)).module_of("node")
    found = module(*x)
    assert found.shape[1:] == shape
    if not isinstance(case.operation, Product):
        torch.testing.assert_close(found, case.by_torch(*x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("case", EVERY)
def test_hard_network_mapped_numbers_and_arrays_agree(case: Case, activation: str) -> None:
    agree(drawn_graph(described(CELL, activation, {"bias": "array_row"}), network(case)))


@pytest.mark.parametrize("case", EVERY)
def test_ranges_hold_what_flows_through_the_network(case: Case) -> None:
    hardware = described(CELL, "relu of 2 bits", {})
    net = drawn_graph(hardware, network(case))
    drives, seen = net.drives(), dict[str, torch.Tensor]()
    for layer, plan in zip(net.layers, net.plan, strict=True):
        layer.register_forward_pre_hook(lambda _, args, name=plan.name: seen.update({name: args[0]}))
    with torch.no_grad():
        net(torch.rand(50, 48, generator=stream(3)))
    for name, x in seen.items():
        limit = drives[name].limit
        assert limit is not None
        assert float(x.abs().max()) <= limit * (1 + 1e-6)
        assert drives[name].signed or float(x.min()) >= 0


@pytest.mark.parametrize("case", EVERY)
def test_gradients_flow_through_to_every_weight(case: Case) -> None:
    net = HardwareNetwork(network(case), described(CELL, "relu of 2 bits", {}), generator=stream(0)).train()
    net(torch.rand(30, 48, generator=stream(1))).square().sum().backward()
    assert all(bool(layer.theta.grad is not None and layer.theta.grad.abs().max() > 0) for layer in net.layers)


@pytest.mark.parametrize(
    ("case", "shapes", "message"),
    [pytest.param(case, *each, id=f"{kind}: {each[1]}") for kind, case in CASES.items() for each in case.refused],
)
def test_inputs_that_do_not_fit_are_refused(case: Case, shapes: list[tuple[int, ...]], message: str) -> None:
    with pytest.raises(Misfit, match=re.escape(message)):
        case.operation.shape(*shapes)


def test_a_normalisation_behind_an_array_is_folded_and_any_other_is_a_scale_and_an_offset() -> None:
    net = drawn_graph(described(CELL, "relu of 2 bits", {}), network(CASES["normalize"]))
    assert set(map_network(net).nodes) == {"act1", "node", "codes"}
    folded = GraphBuilder((2, 6, 4))
    folded.add("node", CASES["product"].operation)
    folded.add("norm", CASES["normalize"].operation)
    graph = folded.graph()
    assert [node.name for node in graph.folded().nodes] == ["node"]
    assert graph.folded().output.name == "node"
    assert set(map_network(drawn_graph(described(CELL, "relu", {}), graph)).nodes) == set()


def test_a_normalisation_has_no_other_right_before_it() -> None:
    builder = GraphBuilder((2, 6, 4))
    builder.add("norm1", CASES["normalize"].operation)
    with pytest.raises(Misfit, match="norm2: got a normalisation right behind another; allowed: behind any other node"):
        builder.add("norm2", CASES["normalize"].operation)


def test_a_range_is_learned_by_a_normalisation_only_where_nobody_else_reads_it() -> None:
    def ranges(*, shared: bool) -> list[bool]:
        builder = GraphBuilder((2, 6, 4))
        builder.add("norm", CASES["normalize"].operation)
        builder.add("act1", CASES["activate"].operation, "norm")
        if shared:
            builder.add("act2", CASES["activate"].operation, "norm")
            builder.add("sum", CASES["add"].operation, "act1", "act2")
        activation = {"function": "relu", "bits": 2, "range": "learned"}
        hardware = parse_hardware({"cell": {"levels": 4, "g_max": 5e-5}, "activation": activation})
        found = HardwareNetwork(builder.graph(), hardware).activations.values()
        return [isinstance(each.log_range, torch.nn.Parameter) for each in found]

    assert ranges(shared=False) == [False]
    assert ranges(shared=True) == [True, True]


def test_margins_of_a_pooling_are_at_most_half_a_square() -> None:
    with pytest.raises(Misfit, match=re.escape("got margins of (2, 0) for squares of (3, 3); allowed: at most half")):
        MapPool("max", (3, 3), (1, 1), (2, 0)).shape((2, 6, 4))


def test_an_array_has_the_name_of_its_node() -> None:
    with pytest.raises(Misfit, match="conv1: got an array of the name 'node'; allowed: that of its node"):
        GraphBuilder((2, 6, 4)).add("conv1", CASES["product"].operation)


def add_all(*names: str, inputs: tuple[str, ...] = ()) -> Graph:
    builder = GraphBuilder((2, 6, 4))
    for name in names:
        builder.add(name, CASES["flatten"].operation, *inputs)
    return builder.graph()


@pytest.mark.parametrize(
    ("names", "inputs", "message"),
    [
        (("a", "a"), (), "name: got 'a', which is taken or no name"),
        ((INPUT,), (), "name: got 'input'"),
        (("A b",), (), "allowed: another name, of the characters a-z, 0-9, _ and -"),
        (("a",), ("b",), "a: got the input 'b'; allowed: input"),
        (("a",), (INPUT, INPUT), "a: got 2 inputs; allowed: 1 to 1"),
        (("a", "b"), (INPUT,), "a: got a node that nobody reads; allowed: that of the output alone"),
        ((), (), "nodes: got none; allowed: one or more"),
    ],
)
def test_a_graph_that_is_none_is_refused(names: tuple[str, ...], inputs: tuple[str, ...], message: str) -> None:
    with pytest.raises(Misfit, match=re.escape(message)):
        add_all(*names, inputs=inputs)


def test_a_sum_of_codes_is_no_code_and_reaches_as_far_as_both() -> None:
    add, pool = NODE_KINDS["add"], NODE_KINDS["global_pool"]
    codes = ValueRange(2.0, signed=False, bits=3)
    assert add().range(codes, ValueRange(1.5, signed=True, bits=3)) == ValueRange(3.5, signed=True)
    assert add().range(codes, ValueRange()) == ValueRange()
    assert pool().range(codes) == ValueRange(2.0, signed=False)
    assert CASES["concat"].operation.range(codes, codes) == codes
    assert CASES["concat"].operation.range(codes, ValueRange(3.0, signed=True, bits=3)) == ValueRange(3.0, signed=True)
