"""Coding of drives in a description: what it leaves as it was, and what contradicts it."""

import json
from typing import Any

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import parse_hardware
from hwcore.spec.reading.written_out import hardware_written_out

CELL = {"levels": 2, "g_max": 1e-5}
BITS = {"input": {"bits": 4}, "activation": {"function": "tanh", "bits": 3}}


def test_a_description_without_it_is_dumped_as_before() -> None:
    dumped = parse_hardware({"cell": CELL}).resolved().model_dump(mode="json")
    assert "drive" not in dumped
    given = parse_hardware({"cell": CELL, "drive": {"signed": "pair"}}).resolved().model_dump(mode="json")
    assert given == {**dumped, "drive": {"signed": "pair"}}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, {"coding": "amplitude", "signed": "sign_magnitude", "subtract": None}),
        ({"drive": {}}, {"coding": "amplitude", "signed": "sign_magnitude", "subtract": None}),
        ({"drive": {"signed": "two_phase"}}, {"coding": "amplitude", "signed": "two_phase", "subtract": "analog"}),
        ({**BITS, "drive": {"coding": "bit_serial"}}, {"coding": "bit_serial", "signed": "sign_magnitude"}),
        ({"input": {"bits": 4, "bit_serial": True}}, {"coding": None, "signed": "sign_magnitude", "subtract": None}),
    ],
)
def test_written_out_it_says_every_choice_and_is_the_same_chip(parts: dict[str, Any], expected: dict[str, Any]) -> None:
    of = parse_hardware({"cell": CELL, **parts})
    document = json.loads(json.dumps(hardware_written_out(of)))
    assert document["drive"] == {"subtract": None, **expected}
    assert document["input"]["bit_serial"] is (expected["coding"] != "amplitude")
    assert hardware_written_out(parse_hardware(document)) == document


@pytest.mark.parametrize(
    ("parts", "at", "said"),
    [
        ({"drive": {"subtract": "digital"}}, "/drive/subtract", "there are no two phases to subtract"),
        ({"drive": {"signed": "pair", "subtract": "analog"}}, "/drive/subtract", "leave it out, or signed two_phase"),
        ({"drive": {"coding": "bit_serial"}, "input": {"bits": 4}}, "/activation/bits", "nothing to send one by one"),
        (
            {"drive": {"coding": "bit_serial"}, "activation": {"bits": 4}},
            "/input/bits",
            "a whole number from 1 to 8, or another drive.coding",
        ),
        (
            {"drive": {"coding": "bit_serial"}, "activation": {"bits": 4}, "input": {"bits": 4, "bit_serial": False}},
            "/input/bit_serial",
            "drive.coding is bit_serial for all layers",
        ),
        (
            {"drive": {"coding": "pulse_width"}, "input": {"bits": 4, "bit_serial": True}},
            "/input/bit_serial",
            "drive.coding is pulse_width, so all bits come at once",
        ),
        (
            {"drive": {"signed": "pair"}, "array": {"pack_groups": True}},
            "/array/pack_groups",
            "false, or another drive.signed",
        ),
        ({"drive": {"coding": "bits"}}, "/drive/coding", '"amplitude", "bit_serial", "pulse_width"'),
        ({"drive": "pair"}, "/drive", "allowed: an object"),
    ],
)
def test_contradictions_are_refused_at_their_field(parts: dict[str, Any], at: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_hardware({"cell": CELL, **parts})
    assert [(fault.pointer, said in str(fault)) for fault in refused.value.faults] == [(at, True)], refused.value
