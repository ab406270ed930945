"""The lines of an array as described."""

import math
from typing import Any

import jsonschema
import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import Array, WireResistance, json_schema, parse_hardware, presets
from hwcore.wires import Wires
from tests.hwcore.spec.chips import chip

CELL = {"levels": 4, "g_max": 5e-5}


def test_a_description_without_lines_is_written_as_before() -> None:
    described = chip(CELL, array={"rows": 64, "cols": 32})
    assert described.array.model_dump(exclude_none=True) == {"rows": 64, "cols": 32}
    for preset in presets():
        assert set(preset.hardware.array.model_dump(exclude_none=True)) == {"rows", "cols"}


def test_everything_about_the_lines_reads_back() -> None:
    array = {
        "rows": 64,
        "cols": 32,
        "wire_resistance": {"word": 1.5, "bit": 2.5},
        "driver_resistance": 40.0,
        "sense_resistance": 70.0,
        "pair_layout": "interleaved",
        "read_voltage": 0.2,
    }
    described = chip(CELL, array=array)
    assert described.array.model_dump() == array
    assert parse_hardware(described.resolved().model_dump(mode="json")) == described.resolved()
    assert Wires.described(described.array) == Wires(r_word=1.5, r_bit=2.5, r_driver=40.0, r_sense=70.0)


def test_what_is_left_out_has_no_resistance() -> None:
    assert Wires.described(Array()).ideal
    assert Wires.described(Array(wire_resistance=WireResistance())).ideal
    assert Wires.described(Array(wire_resistance=WireResistance(bit=3.0))) == Wires(r_bit=3.0)


@pytest.mark.parametrize("name", ["driver_resistance", "sense_resistance", "read_voltage"])
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, True, "1"])
def test_what_is_no_finite_number_is_refused(name: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=f"array.{name}: got .*; allowed: a number"):
        chip(CELL, array={name: value})


@pytest.mark.parametrize(
    ("inputs", "sendable"),
    [
        ({"bit_serial": True}, False),
        ({"bit_serial": True, "bits": None}, False),
        ({"bit_serial": True, "bits": 4}, True),
        ({"bit_serial": False}, True),
        ({"bit_serial": None, "bits": None}, True),
    ],
)
def test_the_schema_knows_that_bits_are_needed_to_send_them_one_by_one(inputs: dict[str, Any], sendable: bool) -> None:
    document = {"format": "mho.hardware/1", "cell": {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8}, "input": inputs}
    assert jsonschema.Draft202012Validator(json_schema("hardware")).is_valid(document) is sendable
    if sendable:
        parse_hardware(document)
    else:
        with pytest.raises(InvalidInput, match="nothing to send one by one"):
            parse_hardware(document)


@pytest.mark.parametrize("ohm", [0, 2, 1.5, 1e6])
def test_a_number_is_the_resistance_of_both_lines_and_is_written_out(ohm: float) -> None:
    short = chip(CELL, array={"wire_resistance": ohm})
    assert short == chip(CELL, array={"wire_resistance": {"word": ohm, "bit": ohm}})
    assert short.resolved().model_dump(mode="json")["array"]["wire_resistance"] == {"word": ohm, "bit": ohm}
    assert parse_hardware(short.resolved().model_dump(mode="json")) == short.resolved()


@pytest.mark.parametrize("share", [0, 0.015, 1])
def test_a_number_is_the_share_of_stuck_cells_half_of_it_at_either_end(share: float) -> None:
    short = chip(CELL, noise={"stuck_at": share})
    long = {"stuck_on": share / 2, "stuck_off": share / 2}
    assert short == chip(CELL, noise={"stuck_at": long})
    assert short.resolved().model_dump(mode="json")["noise"]["stuck_at"] == long
