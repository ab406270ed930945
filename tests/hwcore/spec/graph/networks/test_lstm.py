"""The recurrent network by name: its graph, its footprint, and what it is refused with."""

from typing import Any

import pytest
from pydantic import ValidationError

from hwcore.errors import InvalidInput
from hwcore.spec import (
    DATASETS,
    DatasetFacts,
    Graph,
    LstmNetwork,
    Misfit,
    described_model,
    footprint,
    is_chain,
    parse_hardware,
    parse_job,
)
from hwcore.spec.derive.network import BUILDERS, plan_text
from hwcore.spec.jobs.resolve import ResolveRequest

FSDD, DIGITS = DATASETS["fsdd"], DATASETS["digits"]


def graph(facts: DatasetFacts, **fields: Any) -> Graph:
    return BUILDERS[LstmNetwork](LstmNetwork(**fields), facts)


def test_by_name_it_is_one_layer_of_64_units_and_a_classifier() -> None:
    assert described_model("lstm") == LstmNetwork()
    of = graph(FSDD)
    assert of.names == ("lstm1", "pool", "pool_act", "fc1")
    assert plan_text(of) == "10x49-64x49-10"
    first, last = of.layers
    # torch.nn.LSTM(10, 64) has as many weights, and two biases for each column in the place of one.
    assert (first.kind, first.inputs, first.outputs, first.positions) == ("lstm", 10 + 64, 4 * 64, 49)
    assert (last.inputs, last.outputs) == (64, 10)
    assert not is_chain(of)


def test_further_layers_read_the_states_of_all_steps() -> None:
    of = graph(FSDD, units=8, layers=3, readout="last")
    assert [node.shape for node in of.nodes] == [(8, 49), (8, 49), (8,), (10,)]
    assert plan_text(of) == "10x49-8x49-8x49-8-10"


def test_an_image_is_a_series_of_its_rows() -> None:
    of = graph(DIGITS, units=5, readout="last")
    assert [(node.name, node.shape) for node in of.nodes] == [
        ("transpose", (1, 8, 8)),
        ("rows", (8, 8)),
        ("lstm1", (5,)),
        ("fc1", (10,)),
    ]
    assert [node.shape for node in graph(DatasetFacts("x", (3, 6, 4), 2, ""), units=5).nodes][1] == (12, 6)


def test_vectors_are_no_series() -> None:
    with pytest.raises(Misfit, match=r"lstm1: got an input of shape \(640,\); allowed: series"):
        graph(DatasetFacts("machines", (640,), 2, ""))


def test_its_array_is_there_once_and_converts_at_every_step() -> None:
    needs = footprint(parse_hardware({"cell": {"levels": 4, "g_max": 5e-5}}), graph(FSDD))
    first, _ = needs.layers
    assert (first.rows, first.cols, first.positions, first.tiles) == (74, 256, 49, 2)


@pytest.mark.parametrize(
    ("hardware", "message"),
    [
        ({"input": {"bits": 4, "bit_serial": True}}, "hardware.input.bit_serial: lstm1 reads inputs and states"),
        (
            {"input": {"bits": 4}, "activation": {"bits": 4}, "drive": {"coding": "bit_serial"}},
            "hardware.drive.coding: lstm1 reads inputs and states",
        ),
        (
            {
                "activation": {"bits": 4},
                "digital": {"accumulator_bits": 24, "scale_bits": 10, "offset_bits": 12},
            },
            "hardware.digital: the gates of lstm1 are computed exactly",
        ),
    ],
    ids=["input.bit_serial", "drive.coding", "digital"],
)
def test_hardware_that_it_cannot_have_is_refused(hardware: dict[str, object], message: str) -> None:
    described = {"cell": {"levels": 4, "g_max": 5e-5}, **hardware}
    with pytest.raises(InvalidInput, match=message):
        parse_job({"hardware": described, "dataset": "digits", "model": "lstm"})
    with pytest.raises(ValidationError, match=r"inputs and states|exactly"):
        ResolveRequest.model_validate({"hardware": described, "dataset": "digits", "model": "lstm"})


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"type": "lstm", "units": 0}, "model.units"),
        ({"type": "lstm", "layers": 9}, "model.layers"),
        ({"type": "lstm", "normalization": "batch"}, "model.normalization"),
    ],
)
def test_sizes_have_bounds(model: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_job({"hardware": "ideal", "dataset": "digits", "model": model})
