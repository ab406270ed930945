"""Effects in a description: what is taken, what contradicts the cell, and nothing where nothing was said."""

from typing import Any

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import parse_hardware, parse_job, presets
from tests.hwcore.spec.chips import Description
from tests.hwcore.spec.jobs.test_compile_job import EXAMPLE

CELL = {"levels": 4, "g_max": 2.5e-5, "on_off_ratio": 8}
EFFECTS: dict[str, Description] = {
    "adc": {"adc": {"bits": 6, "range": {"type": "calibrated", "percentile": 99.9}}},
    "bit_serial": {"input": {"bits": 4, "bit_serial": True}},
    "stuck_at": {"noise": {"stuck_at": {"stuck_on": 0.01, "stuck_off": 0.02}}},
    "drift": {"noise": {"drift": {"type": "pcm_joshi_2020", "compensation": "per_column"}}},
    "power_law": {"noise": {"drift": {"type": "power_law", "exponent": 0.05}}},
    "read": {"noise": {"read": {"type": "pcm_joshi_2020"}}},
    "calibration": {"calibration": "per_column"},
}
LINES: dict[str, Any] = {
    "wire_resistance": {"word": 1.5, "bit": 2.5},
    "driver_resistance": 40.0,
    "sense_resistance": 70.0,
    "pair_layout": "interleaved",
    "read_voltage": 0.2,
}
EFFECTS |= {name: {"array": {name: value}} for name, value in LINES.items()}
NEW = ("adc", "bit_serial", "stuck_at", "drift", "read", "calibration")


def faults(description: Description) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        parse_hardware(description)
    return [(fault.pointer, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_is_taken_and_survives_json(effect: str) -> None:
    hardware = parse_hardware({"cell": CELL, **EFFECTS[effect]})
    assert parse_hardware(hardware.resolved().model_dump_json()) == hardware.resolved()


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_job_takes_it(effect: str) -> None:
    job = parse_job({"hardware": {"cell": CELL, **EFFECTS[effect]}, "dataset": "digits"})
    assert parse_job(job.resolved().model_dump_json()) == job.resolved()


@pytest.mark.parametrize("off", [{"adc": {}}, {"input": {"bits": 4, "bit_serial": False}}])
def test_what_is_said_to_be_off_is_no_effect(off: Description) -> None:
    parse_job({"hardware": {"cell": CELL, **off}, "dataset": "digits"})


def test_converters_that_do_not_say_their_range_are_calibrated_and_written_out() -> None:
    job = parse_job({"hardware": {"cell": CELL, "adc": {"bits": 5}}, "dataset": "digits"})
    written = job.resolved().model_dump(mode="json")["hardware"]["adc"]
    assert written == {"bits": 5, "range": {"type": "calibrated", "percentile": None}}


def keys(node: Any) -> set[str]:
    if isinstance(node, dict):
        return {*node, *(key for each in node.values() for key in keys(each))}
    return {key for each in node for key in keys(each)} if isinstance(node, list) else set()


def test_where_nothing_is_said_nothing_is_dumped() -> None:
    silent = [preset.hardware for preset in presets() if preset.name not in ("pcm-joshi-2020", "sonos")]
    for hardware in (parse_hardware(EXAMPLE["hardware"]), *silent):
        assert not keys(hardware.resolved().model_dump(mode="json")) & set(NEW)
        assert not keys(hardware.resolved().model_dump(mode="json", exclude_none=True)) & set(NEW)


@pytest.mark.parametrize(
    ("described", "pointer", "words"),
    [
        ({"adc": {"bits": 1}}, "/adc/bits", "got 1; allowed: a whole number from 2 to 16, or null"),
        ({"adc": {"range": {"type": "given"}}}, "/adc/range/full_scale", "missing"),
        ({"adc": {"range": {"type": "given", "full_scale": -1}}}, "/adc/range/full_scale", "1000000 S"),
        ({"adc": {"range": {"type": "calibrated", "percentile": 101}}}, "/adc/range/percentile", "from 50 to 100"),
        ({"adc": {"range": {"type": "calibrated", "percentil": 99}}}, "/adc/range/percentil", "unknown key"),
        ({"input": {"bit_serial": True}}, "/input/bits", "without bits there is nothing to send one by one"),
        ({"noise": {"stuck_at": {"stuck_on": 0.6, "stuck_off": 0.5}}}, "/noise/stuck_at/stuck_off", "sum above 1"),
        ({"noise": {"stuck_at": {"stuck_on": -0.1}}}, "/noise/stuck_at/stuck_on", "a number from 0 to 1"),
        ({"noise": {"drift": {"type": "power_law"}}}, "/noise/drift/exponent", "missing"),
        (
            {"noise": {"drift": {"type": "power_law", "exponent": 0.1, "t0": 0}}},
            "/noise/drift/t0",
            "from 1e-09 to 1000000000 s",
        ),
        (
            {"noise": {"drift": {"type": "pcm_joshi_2020", "compensation": "per tile"}}},
            "/noise/drift/compensation",
            'did you mean "per_tile"?',
        ),
        ({"calibration": "per_tile"}, "/calibration", 'got "per_tile"; allowed: one of "none", "per_column"'),
        ({"noise": {"read": {"type": "additive", "sigma_ratio": 2}}}, "/noise/read/sigma_ratio", "from 0 to 1"),
        ({"noise": {"drift": {"type": "pcm_joshi_2020", "g_max": 2e-5}}}, "/cell/g_max", "is outside of what"),
        ({"noise": {"read": {"type": "sonos_agrawal_2022"}}}, "/cell/g_max", "levels from 0 to 1.6e-05 S"),
    ],
)
def test_one_fault(described: Description, pointer: str, words: str) -> None:
    ((at, message),) = faults({"cell": CELL, **described})
    assert at == pointer
    assert words in message


def test_a_cell_outside_of_several_fits_hears_of_each_once() -> None:
    pcm = {"type": "pcm_joshi_2020", "g_max": 1e-5}
    said = faults({"cell": CELL, "noise": {"programming": pcm, "drift": pcm, "read": {"type": "sonos_agrawal_2022"}}})
    assert [pointer for pointer, _ in said] == ["/cell/g_max", "/cell/g_max"]


def test_lines_without_resistance_are_no_effect() -> None:
    array = {
        "wire_resistance": {"word": 0.0},
        "driver_resistance": 0.0,
        "sense_resistance": 0.0,
        "pair_layout": "separate",
    }
    parse_job({"dataset": "digits", "hardware": {"cell": CELL, "array": array}})
