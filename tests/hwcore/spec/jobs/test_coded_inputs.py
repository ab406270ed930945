"""Codings of drives beside a network: arrays whose inputs are no codes, and signs that no inputs have."""

from dataclasses import replace
from typing import Any

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import Graph, JobWarning, LayerPlan, Mlp, Window, parse_hardware, parse_job, parse_resolve_request
from hwcore.spec.graph.graph_builder import GraphBuilder
from hwcore.spec.graph.kinds import Activate, GlobalPool, Product
from hwcore.spec.jobs import coded_inputs
from hwcore.spec.jobs.coded_inputs import coding_contradictions, coding_warnings, uncoded_arrays

CELL = {"levels": 2, "g_max": 1e-5}
SERIAL = {"input": {"bits": 4}, "activation": {"bits": 3}, "drive": {"coding": "bit_serial"}}


def pooled_network(*, activated: bool) -> Graph:
    """A convolution, means of its maps, perhaps an activation of them, and a dense layer."""
    nodes = GraphBuilder((1, 8, 8))
    nodes.add("conv1", Product(LayerPlan("conv1", "conv", 4, Window.of(1, (8, 8), kernel=3))))
    nodes.add("conv1_act", Activate())
    nodes.add("pool", GlobalPool())
    if activated:
        nodes.add("pool_act", Activate("identity"))
    nodes.add("fc1", Product(LayerPlan("fc1", "dense", 10, Window.of(4))))
    return nodes.graph()


def test_means_have_no_bits_to_send() -> None:
    of = parse_hardware({"cell": CELL, **SERIAL})
    assert uncoded_arrays(of, pooled_network(activated=False)) == ["fc1"]
    assert uncoded_arrays(of, pooled_network(activated=True)) == []
    assert coding_contradictions(of, Mlp(), "digits") == []


def test_a_job_says_which_arrays_have_no_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    # No network that is described here has one: the means of lenet-5 are in front of an activation.
    graph = pooled_network(activated=False)
    monkeypatch.setattr(coded_inputs, "network_graph", lambda model, dataset: graph)
    document = {"hardware": {"cell": CELL, **SERIAL}, "dataset": "digits"}
    with pytest.raises(InvalidInput) as refused:
        parse_job(document)
    with pytest.raises(InvalidInput) as also:
        parse_resolve_request(document)
    assert str(refused.value) == str(also.value)
    assert "fc1 would read sums or means, which have no bits to send one by one" in str(refused.value)
    assert [fault.pointer for fault in refused.value.faults] == ["/hardware/drive/coding"]
    parse_job({**document, "hardware": {"cell": CELL, **SERIAL, "drive": {"coding": "pulse_width"}}})


@pytest.mark.parametrize(
    ("parts", "signed_inputs", "warned"),
    [
        ({"drive": {"signed": "pair"}}, False, "pair"),
        ({"drive": {"signed": "two_phase"}, "activation": {"function": "sigmoid"}}, False, "two_phase"),
        ({"drive": {"signed": "pair"}, "activation": {"function": "tanh"}}, False, None),
        ({"drive": {"signed": "pair"}}, True, None),
        ({"drive": {"coding": "pulse_width"}}, False, None),
        ({}, False, None),
    ],
)
def test_a_way_to_send_signs_that_nobody_has_is_warned_of(
    parts: dict[str, Any], signed_inputs: bool, warned: str | None
) -> None:
    graph = replace(pooled_network(activated=False), signed_inputs=signed_inputs)
    message = f"no array of the network has inputs of both signs: {warned} changes nothing."
    expected = [] if warned is None else [JobWarning("/hardware/drive/signed", message)]
    assert list(coding_warnings(parse_hardware({"cell": CELL, **parts}), graph)) == expected


def test_a_job_is_warned_and_takes_signed_inputs_bit_by_bit() -> None:
    hardware = {"cell": CELL, **SERIAL, "drive": {"coding": "bit_serial", "signed": "pair"}}
    messages = [each.message for each in parse_job({"hardware": hardware, "dataset": "digits"}).warnings()]
    assert any("pair changes nothing" in message for message in messages)
    assert parse_job({"hardware": hardware, "dataset": "fsdd"}).warnings() == ()
