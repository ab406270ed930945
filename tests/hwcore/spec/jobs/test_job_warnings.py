"""What works and is probably not meant: said of every field by one table, and of nothing that is meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from hwcore.spec import (
    JobWarning,
    LayerPlan,
    Window,
    chain_graph,
    hardware_warnings,
    parse_hardware,
    parse_job,
    presets,
)
from hwcore.spec.hardware.implausible import USUAL, implausible
from hwcore.spec.jobs.job_warnings import dataset_warnings, footprint_warnings
from tests.conftest import REPOSITORY

CELL: dict[str, Any] = {"levels": 4, "g_max": 2.5e-5, "on_off_ratio": 8}
EXAMPLES = sorted((REPOSITORY / "examples").glob("*.json"))


def warned(hardware: dict[str, Any], **job: Any) -> dict[str, str]:
    document = {"hardware": {"cell": CELL, **hardware}, "dataset": "digits", **job}
    return {warning.field: warning.message for warning in parse_job(document).warnings()}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_meant_as_they_are(path: Path) -> None:
    assert parse_job(path.read_bytes()).warnings() == ()


def test_presets_are_meant_as_they_are() -> None:
    assert {preset.name: hardware_warnings(preset.hardware) for preset in presets()} == {
        preset.name: () for preset in presets()
    }


def depthwise(name: str, channels: int) -> LayerPlan:
    return LayerPlan(name, "conv", channels, Window.of(channels, (6, 5), kernel=3, padding=1, groups=channels))


def test_groups_that_leave_their_tiles_empty_are_named_with_what_they_use() -> None:
    plan = (depthwise("conv2", 64), LayerPlan("conv3", "conv", 8, Window.of(64, (6, 5))), depthwise("conv4", 8))
    of = parse_hardware({"cell": CELL})
    assert list(footprint_warnings(of, chain_graph(plan))) == [
        JobWarning(
            "/model",
            "the groups of channels of conv2, conv4 take 72 tiles, of which at most 0.055 % of the cells are in use; "
            "array.pack_groups puts several of them on one tile.",
        )
    ]
    packed = parse_hardware({"cell": CELL, "array": {"pack_groups": True}})
    message = "the groups of channels of conv2, conv4 take 6 tiles, of which at most 0.7 % of the cells are in use."
    assert list(footprint_warnings(packed, chain_graph(plan))) == [JobWarning("/model", message)]
    # Small arrays are full; and a layer without groups is what it is.
    assert not list(
        footprint_warnings(parse_hardware({"cell": CELL, "array": {"rows": 9, "cols": 2}}), chain_graph(plan))
    )
    assert not list(footprint_warnings(of, chain_graph(plan[1:2])))


@pytest.mark.parametrize(
    ("hardware", "field", "words"),
    [
        ({"cell": {**CELL, "g_max": 0.5}}, "cell/g_max", "500 mS is unusual, 100 pS to 10 mS is usual: memory cells"),
        ({"cell": {**CELL, "g_max": 5e-15}}, "cell/g_max", "5 fS is unusual"),
        ({"cell": {"spacing": {"type": "table", "conductances": [0.1, 0.2, 0.5]}}}, "cell/g_max", "500 mS is unusual"),
        (
            {"cell": {**CELL, "negative": {"spacing": {"type": "table", "conductances": [0.0, 0.1, 0.2, 0.3]}}}},
            "cell/negative/spacing/conductances/3",
            "300 mS is unusual",
        ),
        ({"cell": {**CELL, "on_off_ratio": 1e12}}, "cell/on_off_ratio", "1e+12 is unusual, 1 to 1e+10 is usual"),
        ({"cell": {**CELL, "negative": {"gain": 1e-6}}}, "cell/negative/gain", "1e-06 is unusual"),
        (
            {"array": {"wire_resistance": {"word": 1e6}}},
            "array/wire_resistance/word",
            "1 Mohm is unusual, 1 mohm to 1 k",
        ),
        ({"array": {"wire_resistance": {"bit": 1e-6}}}, "array/wire_resistance/bit", "it is read in ohm"),
        ({"array": {"driver_resistance": 1e6}}, "array/driver_resistance", "10 mohm to 100 kohm is usual"),
        ({"array": {"sense_resistance": 1e-5}}, "array/sense_resistance", "drivers and sense amplifiers"),
        ({"array": {"read_voltage": 100.0}}, "array/read_voltage", "100 V is unusual, 10 mV to 5 V is usual"),
        (
            {"adc": {"bits": 5, "range": {"type": "given", "full_scale": 1e6}}},
            "adc/range/full_scale",
            "1 MS is unusual",
        ),
        (
            {"noise": {"drift": {"type": "power_law", "exponent": 0.1, "t0": 1e-9}}},
            "noise/drift/t0",
            "1 ns is unusual",
        ),
        (
            {"cell": {**CELL, "g_max": 1e-3}, "noise": {"read": {"type": "pcm_joshi_2020", "g_max": 0.5}}},
            "noise/read/g_max",
            "500 mS is unusual",
        ),
        (
            {"cell": {**CELL, "g_max": 1e-6}, "noise": {"read": {"type": "sonos_agrawal_2022", "read_voltage": 1e-3}}},
            "noise/read/read_voltage",
            "1 mV is unusual",
        ),
    ],
)
def test_a_value_in_another_unit_is_warned_of(hardware: dict[str, Any], field: str, words: str) -> None:
    assert words in warned(hardware)[f"/hardware/{field}"]


def test_times_in_another_unit_are_warned_of() -> None:
    drift = {"noise": {"drift": {"type": "power_law", "exponent": 0.1, "t0": 1.0}}}
    assert warned(drift, evaluation={"times": [1.0, 3.15e7]}) == {}
    ((at, message),) = warned(drift, evaluation={"times": [1.0, 3.15e9]}).items()
    assert at == "/evaluation/times/1"
    assert "3.15e+09 s is unusual" in message


@pytest.mark.parametrize("row", USUAL, ids=lambda row: row.path)
def test_every_row_is_met_by_what_it_names_and_by_nothing_within(row: Any) -> None:
    def document(value: float) -> dict[str, Any]:
        node: Any = value
        for step in reversed(row.path.split(".")):
            node = {"read" if step == "*" else step: node}
        return dict(node)

    for value in (row.low, row.high, (row.low * row.high) ** 0.5, 0.0):
        assert list(implausible(document(value))) == []
    for value in (row.low / 1.01, row.high * 1.01):
        ((pointer, message),) = implausible(document(value))
        assert pointer == "/" + row.path.replace(".", "/").replace("*", "read")
        assert row.sentence in message


def test_ends_of_the_table_lie_within_what_a_field_may_be() -> None:
    # A row that no document can break would say nothing.
    smallest = parse_hardware({"cell": {**CELL, "g_max": 1e-15}})
    (warning,) = hardware_warnings(smallest)
    assert warning.field == "/hardware/cell/g_max"


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (10.0, ["No positive weight is representable: the network can hardly be trained for this cell."]),
        (0.05, ["No negative weight is representable: the network can hardly be trained for this cell."]),
        (0.8, []),
    ],
)
def test_weights_of_one_sign_are_warned_of(gain: float, said: list[str]) -> None:
    cell = {"levels": 4, "g_max": 9e-6, "on_off_ratio": 8, "negative": {"gain": gain}}
    found = parse_job({"hardware": {"cell": cell}, "dataset": "digits"}).warnings()
    assert [warning.message for warning in found if "weight is representable" in warning.message] == said


def test_a_weight_close_to_zero_does_for_zero() -> None:
    def said(gain: float) -> tuple[str, ...]:
        cell = {"levels": 2, "g_max": 1e-5, "on_off_ratio": 2, "negative": {"gain": gain}}
        return tuple(warning.message for warning in hardware_warnings(parse_hardware({"cell": cell})))

    # Nearest to zero: 5 uS - 5 gain uS of 10 - 5 gain uS.
    assert said(1.0) == said(0.96) == ()
    assert said(0.8) == ("Zero is not representable; the nearest weight is 1 uS, 17 % of the largest.",)


@pytest.mark.parametrize(
    ("training", "test", "found"),
    [
        ((5, 5), (1, 1), []),
        ((5, 0, 5), (1, 1, 1), ["1 of 3 classes have no image to train on: 1"]),
        (
            (0, 9),
            (0, 3),
            [
                "1 of 2 classes have no image to train on: 0",
                "every image to train on is of class 1: an accuracy says nothing about the network",
                "1 of 2 classes have no image to test on: 0",
                "every image to test on is of class 1: an accuracy says nothing about the network",
            ],
        ),
    ],
)
def test_classes_without_images_are_warned_of(
    training: tuple[int, ...], test: tuple[int, ...], found: list[str]
) -> None:
    assert list(dataset_warnings(training, test, largest=255, full_scale_byte=255)) == found


def test_a_full_scale_that_nothing_reaches_is_warned_of() -> None:
    def said(largest: int, **full: Any) -> tuple[str, ...]:
        return dataset_warnings((1, 1), (1, 1), largest=largest, full_scale_byte=255, **full)

    assert said(128) == ()
    assert said(100) == ("the largest value is 100 of a full scale of 255: is full_scale right?",)
    assert said(51, full_scale=2.0) == ("the largest value is 0.4 of a full scale of 2: is full_scale right?",)


def test_warnings_are_plain_values() -> None:
    (warning,) = parse_job({"hardware": {"cell": {**CELL, "g_max": 0.5}}, "dataset": "digits"}).warnings()
    assert isinstance(warning, JobWarning)
    assert json.loads(json.dumps(vars(warning)))["field"] == "/hardware/cell/g_max"
