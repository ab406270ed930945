"""Resolving a description without running anything."""

import json

import jsonschema
import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import (
    Mlp,
    component_tables,
    json_schema,
    parse_hardware,
    parse_resolve_request,
    presets,
    representable,
    resolve_hardware,
)
from tests.hwcore.spec.chips import chip

CELL = {"levels": 4, "g_max": 3e-6}


def test_everything_is_said() -> None:
    hardware = chip(CELL)
    found = resolve_hardware(hardware, Mlp(hidden=(32,)), "digits")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert parse_hardware(found["hardware"]) == hardware.resolved()
    assert found["component_tables"] == {
        "g_pos": component_tables(hardware.cell).g_pos.tolist(),
        "g_neg": component_tables(hardware.cell).g_neg.tolist(),
        "unit": "S",
    }
    listed, values = found["representable"], representable(hardware)
    assert listed["values"] == values.value.tolist()
    assert listed["normalized"][0] == -1.0
    assert listed["code_pos"] == [0, 0, 0, 0, 1, 2, 3]
    assert listed["code_neg"] == [3, 2, 1, 0, 0, 0, 0]
    assert (listed["count"], listed["truncated"], listed["zero_representable"]) == (7, False, True)
    assert [(each["name"], each["rows"], each["cols"], each["tiles"]) for each in found["footprint"]["layers"]] == [
        ("fc1", 64, 32, 1),
        ("fc2", 32, 10, 1),
    ]
    assert found["footprint"]["cells"] == 2 * (64 * 32 + 32 * 10)
    assert found["warnings"] == []


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_presets_resolve_to_valid_json(preset: object) -> None:
    found = resolve_hardware(getattr(preset, "name", ""))
    jsonschema.Draft202012Validator(json_schema("hardware")).validate(found["hardware"])
    json.dumps(found, allow_nan=False)
    assert found["footprint"] is None


def test_the_default_network_is_counted_when_only_a_dataset_is_named() -> None:
    assert len(resolve_hardware("ideal", dataset="mnist")["footprint"]["layers"]) == 3


def test_long_lists_are_cut_and_say_so() -> None:
    found = resolve_hardware(
        chip(
            {"levels": 64, "g_max": 1e-5, "on_off_ratio": 7, "negative": {"gain": 0.77}},
            weights={"encoding": "full_pair"},
        )
    )["representable"]
    assert found["count"] > 1024
    assert found["truncated"]
    assert {len(found[name]) for name in ("values", "normalized", "code_pos", "code_neg")} == {1024}


def test_a_cell_without_negative_weights_is_warned_about() -> None:
    # Positive 8 to 9 uS, negative 0.008 to 0.009 uS: no difference is negative.
    cell = {"levels": 4, "g_max": 9e-6, "on_off_ratio": 1.125, "negative": {"gain": 1e-3}}
    warnings = resolve_hardware(chip(cell))["warnings"]
    assert "No negative weight is representable" in warnings[0]["message"]
    assert warnings[1]["message"].startswith("Zero is not representable; the nearest weight is 7.99")
    assert warnings[1]["message"].endswith("uS, 89 % of the largest.")


def test_a_cell_without_positive_weights_is_warned_about() -> None:
    cell = {"levels": 4, "g_max": 9e-6, "on_off_ratio": 1.125, "negative": {"gain": 10}}
    assert "No positive weight is representable" in resolve_hardware(chip(cell))["warnings"][0]["message"]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({}, "/hardware"),
        ({"hardware": "nope"}, "/hardware"),
        ({"hardware": {"cell": {"levels": 1, "g_max": 1e-5}}}, "/hardware/cell/levels"),
        ({"hardware": "ideal", "dataset": "nope"}, "/dataset"),
        ({"hardware": "ideal", "model": {"hidden": [8]}}, "/dataset"),
        ({"hardware": "ideal", "dataset": "digits", "model": {"hidden": [8192, 8192]}}, "/model/hidden"),
        ({"hardware": "ideal", "chips": 3}, "/chips"),
    ],
)
def test_requests_are_checked_like_jobs(document: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_resolve_request(document)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_a_good_request_is_taken() -> None:
    request = parse_resolve_request('{"hardware": "ideal", "model": {"hidden": [8]}, "dataset": "digits"}')
    assert (request.hardware, request.model, request.dataset) == ("ideal", Mlp(hidden=(8,)), "digits")


def test_an_unknown_dataset_or_preset_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r'dataset: unknown dataset \(did you mean "mnist"\?\): got "mnis"'):
        resolve_hardware("ideal", dataset="mnis")
    with pytest.raises(InvalidInput, match='hardware: unknown preset: got "xyz"'):
        resolve_hardware("xyz")
