"""Strict JSON: what is no JSON, or JSON that says a thing twice, is refused with its place."""

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.errors import Fault, InvalidInput
from hwcore.spec import Cell, Hardware, parse_job, read_document

GOOD = '{"hardware": {"cell": {"levels": 4, "g_max": 5e-5}}, "dataset": "digits"}'


def the_fault(document: Any) -> Fault:
    with pytest.raises(InvalidInput) as caught:
        parse_job(document)
    (fault,) = caught.value.faults
    return fault


def test_text_bytes_and_mappings_give_the_same_job() -> None:
    mapping = MappingProxyType(json.loads(GOOD))
    assert parse_job(GOOD) == parse_job(GOOD.encode()) == parse_job(f"\r\n\t {GOOD} \n") == parse_job(mapping)


def test_a_mapping_may_hold_models_and_tuples() -> None:
    hardware = Hardware(cell=Cell(levels=4, g_max=5e-5))
    job = parse_job({"hardware": hardware, "dataset": "digits", "model": {"hidden": (8, 8)}})
    assert (job.hardware, job.described_model.hidden) == (hardware, (8, 8))


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 400])
def test_a_number_that_no_float_holds_is_refused_at_its_field(literal: str) -> None:
    fault = the_fault(GOOD.replace("5e-5", literal))
    assert fault.pointer == "/hardware/cell/g_max"
    assert fault.got[:40] == literal[:40]
    assert fault.allowed == "a number from 1e-15 to 1 S, or null"


def test_a_number_beyond_float64_is_no_whole_number_either() -> None:
    assert the_fault(GOOD.replace("4,", "1e400,")).got == "1e400"


BROKEN = [
    ("", 1, 1, "the end of the document"),
    ("{", 1, 2, "the end of the document"),
    ("nul", 1, 1, '"nul"'),
    ("{'a': 1}", 1, 2, "\"'a': 1}\""),
    ('{"a" 1}', 1, 6, '"1}"'),
    ('{\n  "a": 1\n  "b": 2}', 3, 3, '"\\"b\\": 2}"'),
    ('{"a": 01}', 1, 8, '"1}"'),
    ('{"a": "\t"}', 1, 8, '"\\t\\"}"'),
    ('{"a": 1} {"b": 2}', 1, 10, '"{\\"b\\": 2}"'),
    ('{"a": // comment\n 1}', 1, 7, '"// comment\\n 1}"'),
    ('{"a": "\\x"}', 1, 8, '"\\\\x\\"}"'),
]


@pytest.mark.parametrize(("text", "line", "column", "got"), BROKEN)
def test_broken_json_is_refused_with_line_and_column(text: str, line: int, column: int, got: str) -> None:
    fault = the_fault(text)
    assert fault.pointer == ""
    assert fault.message.startswith(f"broken JSON at line {line}, column {column}: ")
    assert (fault.got, fault.allowed) == (got, "strict JSON (RFC 8259)")


@pytest.mark.parametrize(("text", "got"), [("[]", "[]"), ("3", "3"), ('"sram-4b"', '"sram-4b"'), ("null", "null")])
def test_a_document_that_is_no_object_is_refused(text: str, got: str) -> None:
    assert the_fault(text) == Fault("", f"got {got}; allowed: a JSON object", got, "a JSON object")
    assert str(the_fault(text)).startswith("document: got")


def test_the_whole_document_being_nan_is_no_object() -> None:
    assert the_fault("NaN").got == "NaN"


def test_a_key_that_stands_twice_is_refused_where_it_stands() -> None:
    fault = the_fault(GOOD.replace('"levels": 4', '"levels": 4, "levels": 8'))
    assert (fault.pointer, fault.got, fault.allowed) == ("/hardware/cell/levels", '"levels"', "each key once")


def test_every_repeated_key_is_reported() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_document('{"a": 1, "b": {"c": 1, "c": 2}, "a": 2, "a": 3}')
    assert {fault.pointer for fault in caught.value.faults} == {"/a", "/b/c"}


@pytest.mark.parametrize("depth", [33, 40, 30_000])
@pytest.mark.parametrize(("opening", "closing", "inside"), [('{"a":', "}", "1"), ("[", "]", "")])
def test_nesting_deeper_than_32_is_refused(depth: int, opening: str, closing: str, inside: str) -> None:
    fault = the_fault(opening * depth + inside + closing * depth)
    assert "nested too deep" in fault.message
    assert fault.allowed == "at most 32 levels"


def test_a_mapping_that_contains_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = loop
    assert "nested too deep" in the_fault(loop).message


def test_32_levels_are_still_read() -> None:
    text = '{"a":' * 32 + "1" + "}" * 32
    assert read_document(text) == json.loads(text)


def test_a_byte_order_mark_is_refused_with_what_to_do() -> None:
    for document in ("\ufeff" + GOOD, ("\ufeff" + GOOD).encode()):
        fault = the_fault(document)
        assert fault.got == "a byte order mark"
        assert "without BOM" in fault.allowed


@pytest.mark.parametrize(
    ("document", "got"),
    [(b'{"name": "\xff"}', "byte 0xff at offset 10"), (GOOD.encode("utf-16"), "byte 0xff at offset 0")],
)
def test_bytes_that_are_not_utf8_are_refused_with_their_place(document: bytes, got: str) -> None:
    fault = the_fault(document)
    assert (fault.got, fault.allowed) == (got, "JSON text in UTF-8")


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00 x", "\\u0000"])
def test_text_that_no_database_takes_is_refused(escape: str) -> None:
    fault = the_fault('{"name": "' + escape + '"}')
    assert fault.pointer == "/name"
    assert str(fault).isprintable()
    key = the_fault('{"' + escape + '": 1}')
    assert str(key).isprintable()
    key.pointer.encode()


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_job(GOOD[:-1] + ', "name": "\\ud83d\\ude00"}').name == "\U0001f600"


def test_a_document_that_is_too_long_is_refused_unread() -> None:
    fault = the_fault(" " * 50_000_000 + GOOD)
    assert fault.got == f"{50_000_000 + len(GOOD):,} bytes"
    assert fault.allowed == "at most 262,144 bytes"


@pytest.mark.parametrize(("value", "got"), [({1}, "set"), (object(), "object"), (b"x", "bytes"), (1j, "complex")])
def test_a_mapping_holds_json_values_only(value: Any, got: str) -> None:
    fault = the_fault({"name": value})
    assert (fault.pointer, fault.got) == ("/name", f"a Python object of type {got}")


def test_keys_of_a_mapping_are_text() -> None:
    fault = the_fault({"labels": {1: "x"}})
    assert (fault.pointer, fault.got, fault.allowed) == ("/labels/1", "1", "text as key")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = ["hardware", "cell", "levels", "spacing", "type", "table", "negative", "model", "hidden", "labels", "dataset"]
NAMED_VALUES = st.recursive(
    JSON_VALUES | st.sampled_from(NAMES),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)


def faults_of(document: Any) -> tuple[Fault, ...]:
    try:
        parse_job(document)
    except InvalidInput as error:
        return error.faults or (Fault("", "an error without faults", "", ""),)
    return ()


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), NAMED_VALUES, max_size=6))
def test_any_json_is_a_job_or_faults_that_can_be_sent_on(document: dict[str, Any]) -> None:
    for fault in faults_of(json.dumps(document)):
        assert fault.message != "an error without faults"
        assert str(fault).isprintable()
        assert len(fault.got) <= 80
        json.dumps([fault.pointer, fault.message, fault.got, fault.allowed]).encode()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_text_is_a_job_or_faults(document: str | bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_job(document)
