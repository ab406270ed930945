"""The published schemas: valid, complete, and of one mind with the parser."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.errors import InvalidInput
from hwcore.spec import SCHEMA_NAMES, json_schema, parse_hardware, parse_job, presets
from tests.hwcore.spec.chips import Description, descriptions
from tests.hwcore.spec.derive.test_asked_effects import REFUSED
from tests.hwcore.spec.hardware.test_fitted import OUTSIDE
from tests.hwcore.spec.jobs.test_compile_job import EXAMPLE
from tests.hwcore.spec.jobs.test_model_faults import MODELS
from tests.hwcore.spec.reading.test_faults import CONTRADICTIONS, JOB, REASONED, SINGLE, with_field

HARDWARE_SCHEMA = jsonschema.Draft202012Validator(json_schema("hardware"))
JOB_SCHEMA = jsonschema.Draft202012Validator(json_schema("job"))

# What a schema cannot count or compute; the fields' descriptions say it and the parser refuses it.
PARSER_ALONE = (
    "does not increase here",
    "too small",
    "two neighbouring levels",
    "below 1e-09 of the largest conductance",
    "conductances: got 3; allowed: 2, or leave",
    "the measured conductances give",
    "conductances, and the positive component has",
    "8 levels are 3 bits",
    "4 levels are 2 bits",
    "the bits conduct 1.2 S",
    "write it without a decimal point",
    "one example has none",
    "pixels with its padding",
    "the map of conv",
    "is outside of what",
    "the off state conducts less",
    "times increase, and before it",
    "nothing about this hardware depends on time",
    "begins 20 s after the write",
    "hardware.array has no resistance",
    ".bits is null",
    *(f"hardware.noise.{effect} is null" for effect in ("programming", "stuck_at", "read", "drift")),
)


def parser_takes(document: Any) -> bool:
    try:
        parse_job(document)
    except InvalidInput:
        return False
    return True


def fields(node: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every field of every model in a schema."""
    models = {"": node, **node.get("$defs", {})}
    return [(f"{model}.{name}", field) for model, each in models.items() for name, field in each["properties"].items()]


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_a_schema_is_a_schema_and_plain_json(name: str) -> None:
    schema = json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_field_says_what_it_is_and_what_it_allows(name: str) -> None:
    for path, field in fields(json_schema(name)):
        meaning, _, allowed = field["description"].partition(" Allowed: ")
        assert len(meaning) > 3, path
        assert len(allowed) > 3, path
        assert meaning.endswith((".", ".)")), path


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_every_number_has_bounds_and_a_unit_or_says_that_it_has_none(name: str) -> None:
    def numbers(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, list):
            return [found for each in node for found in numbers(each)]
        if not isinstance(node, dict):
            return []
        own = [node] if node.get("type") in ("number", "integer") else []
        return own + [found for key, each in node.items() if key != "$defs" for found in numbers(each)]

    for path, field in fields(json_schema(name)):
        for number in numbers(field):
            lower = {"minimum", "exclusiveMinimum"} & number.keys()
            upper = {"maximum", "exclusiveMaximum"} & number.keys()
            # A ratio may be as large as it likes; a curvature and all others are bounded on both sides.
            assert lower and (upper or path.endswith("on_off_ratio")), path  # noqa: PT018
            if number["type"] == "number":
                described = field["description"]
                units = ("Unit: ", "without unit", "as a fraction", "relative to")
                assert any(words in described for words in units), path


def test_the_schema_of_a_later_version_is_not_published_ahead_of_it() -> None:
    text = json.dumps(json_schema("job"))
    for word in ("offset_column", "bit_sliced"):
        assert f'"{word}"' not in text


def test_callers_get_their_own_copy() -> None:
    json_schema("job")["$defs"].clear()
    assert "Hardware" in json_schema("job")["$defs"]


def test_an_unknown_schema_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match='unknown schema: got "chip"; allowed: "hardware", "job"'):
        json_schema("chip")


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_presets_are_valid_as_written_and_as_resolved(preset: Any) -> None:
    for hardware in (preset.hardware, preset.hardware.resolved()):
        HARDWARE_SCHEMA.validate(hardware.model_dump(mode="json"))
    JOB_SCHEMA.validate({"hardware": preset.name, "dataset": "digits"})


LENET = {**EXAMPLE, "model": "lenet-5"}
CNN = {
    **EXAMPLE,
    "model": {
        "type": "cnn",
        "convolutions": [
            {"channels": 6, "kernel": 5, "padding": 2, "pool": {"type": "max", "size": 2}},
            {"channels": 8, "kernel": 3, "stride": 2},
        ],
        "hidden": [84],
    },
}
AGEING = {
    "hardware": {
        "cell": {"levels": 4, "g_max": 2.5e-5, "on_off_ratio": 8},
        "noise": {
            "drift": {"type": "power_law", "exponent": 0.05, "compensation": "per_tile"},
            "read": {"type": "pcm_joshi_2020"},
        },
    },
    "dataset": "digits",
    "training": {"aware_of": ["read", "drift"]},
    "evaluation": {"chips": 5, "times": [20, 3600.5], "effects": ["drift", "read"]},
}


OWN = {
    **EXAMPLE,
    "dataset": {
        "type": "uploaded",
        "id": "01900000-0000-7000-8000-000000000000",
        "contents": {"sha256": "0" * 64, "height": 28, "width": 28, "classes": 10},
    },
}
FILE = {**EXAMPLE, "dataset": {"type": "file", "path": "own.npz"}}


@pytest.mark.parametrize("document", [JOB, EXAMPLE, LENET, CNN, AGEING, OWN, FILE])
def test_good_jobs_are_good_to_both(document: Description) -> None:
    assert JOB_SCHEMA.is_valid(document)
    assert parser_takes(document)


def effects_of(document: Description, **asked: Any) -> Description:
    """The job with what is asked for in place of its evaluation and of what its training is aware of."""
    return {**document, "training": {"aware_of": asked.pop("aware_of", None)}, "evaluation": asked}


ASKED = [
    (effects_of(AGEING, effects=["drift", "read", "drift"]), "it is there already"),
    (effects_of(AGEING, aware_of=["read", "read"]), "it is there already"),
    (effects_of(AGEING, effects=["wires"]), "hardware.array has no resistance"),
    (effects_of(AGEING, aware_of=["adc"]), "hardware.adc.bits is null"),
    (effects_of(AGEING, times=[19.9, 3600]), "begins 20 s after the write"),
]
BAD = (
    [(with_field(pointer, value), words) for pointer, value, _, words in SINGLE]
    + [(with_field(pointer, value), words) for pointer, value, _, words in REASONED + REFUSED + MODELS]
    + [({**JOB, "hardware": {"cell": cell}}, words) for cell, _, words in CONTRADICTIONS]
    + [({**JOB, "hardware": hardware}, "is outside of what") for hardware, _, _ in OUTSIDE]
    + ASKED
)


@pytest.mark.parametrize(("document", "words"), BAD, ids=lambda value: str(value)[:60])
def test_what_the_parser_refuses_the_schema_refuses_unless_it_has_to_be_computed(
    document: Description, words: str
) -> None:
    assert not parser_takes(document)
    # JSON has no NaN or infinity: a schema never meets them.
    finite = not any(text in json.dumps(document) for text in ("NaN", "Infinity"))
    computed = any(each in words for each in PARSER_ALONE)
    assert JOB_SCHEMA.is_valid(document) == (computed or not finite)


@settings(max_examples=60, deadline=None)
@given(descriptions())
def test_random_chips_are_good_to_both(description: Description) -> None:
    document = {"hardware": description, "dataset": "digits"}
    JOB_SCHEMA.validate(document)
    hardware = parse_hardware(description)
    HARDWARE_SCHEMA.validate(json.loads(hardware.resolved().model_dump_json()))


def pointers(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at] + [place for key, each in items for place in pointers(each, (*at, key))]


ODD_VALUES = [
    None,
    True,
    -1,
    0,
    1,
    2,
    3,
    16,
    2.5,
    1e-5,
    1e9,
    "",
    "same",
    "linear",
    "batch",
    [],
    [1e-6],
    [1e-6, 2e-6],
    {},
]
ODD_VALUES += [
    {"type": "linear"},
    {"type": "binary_weighted"},
    {"type": "table", "conductances": [0, 1e-6, 3e-6, 9e-6]},
    ["drift", "drift"],
    [30, 20],
]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.tuples(st.just(good), st.sampled_from(pointers(good)[1:])) for good in (EXAMPLE, CNN, AGEING, OWN)),
    st.sampled_from(ODD_VALUES),
    st.sampled_from(["set", "drop", "add"]),
)
def test_one_change_to_a_good_job_is_judged_alike(
    changed: tuple[Description, tuple[Any, ...]], value: Any, how: str
) -> None:
    document, place = copy.deepcopy(changed[0]), changed[1]
    node: Any = document
    for key in place[:-1]:
        node = node[key]
    if how == "drop":
        del node[place[-1]]
    elif how == "set" or not isinstance(node[place[-1]], dict):
        node[place[-1]] = copy.deepcopy(value)
    else:
        node[place[-1]]["another"] = copy.deepcopy(value)
    try:
        parse_job(document)
        faults = ""
    except InvalidInput as error:
        faults = str(error)
    valid = JOB_SCHEMA.is_valid(document)
    assert valid or faults
    assert not (valid and faults) or any(words in faults for words in PARSER_ALONE), faults


SHORT = [("array", "wire_resistance", 1e6), ("noise", "stuck_at", 1.0)]


@pytest.mark.parametrize(("part", "name", "most"), SHORT)
def test_a_number_in_the_place_of_an_object_is_in_the_schema_too(part: str, name: str, most: float) -> None:
    for value in (0, most / 2, most, -1, most * 1.01, True, "1", None, []):
        document = {"cell": {"levels": 2, "g_max": 1e-5}, part: {name: value}}
        try:
            taken = parse_hardware(document) is not None
        except InvalidInput:
            taken = False
        assert (
            HARDWARE_SCHEMA.is_valid(document)
            == taken
            == (value is None or (value is not True and value in (0, most / 2, most)))
        ), value
