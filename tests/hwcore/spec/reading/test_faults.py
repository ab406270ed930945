"""Every kind of bad field: the pointer to it, and a message that says what came and what is allowed.

Long because it is one table of fields and messages.
"""

import copy
import json
import math
import pickle
from typing import Any

import pytest

from hwcore.errors import Fault, InvalidInput
from hwcore.spec import Noise, parse_hardware, parse_job

JOB: dict[str, Any] = {"hardware": {"cell": {"levels": 4, "g_max": 5e-5}}, "dataset": "digits"}
SPACINGS = 'one of "linear", "exponential", "binary_weighted", "table"'
CELL_KEYS = "the keys technology, levels, g_max, on_off_ratio, spacing, negative"
LEVELS = "a whole number from 2 to 256, or null"
SIEMENS = "a number from 1e-15 to 1 S, or null"


def faults_of(document: Any) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as caught:
        parse_job(document)
    return caught.value.faults


def with_field(pointer: str, value: Any) -> dict[str, Any]:
    """The job with one field set, objects on the way made where they are missing."""
    document = copy.deepcopy(JOB)
    node = document
    *path, last = pointer.split("/")[1:]
    for name in path:
        node = node.setdefault(name, {})
    node[last] = value
    return document


def test_the_job_that_the_bad_ones_are_made_from_is_good() -> None:
    assert parse_job(JOB).dataset == "digits"


DATASETS = (
    'one of "digits", "mnist", "emnist-letters", "cifar10", "fsdd", or an object with "type" one of "uploaded", '
    '"file", "named"'
)
SINGLE = [
    ("/hardware/cell/levels", 1, "1", LEVELS),
    ("/hardware/cell/levels", 257, "257", LEVELS),
    ("/hardware/cell/levels", True, "true", LEVELS),
    ("/hardware/cell/levels", "4", '"4"', LEVELS),
    ("/hardware/cell/levels", 4.5, "4.5", LEVELS),
    ("/hardware/cell/on_off_ratio", 0.5, "0.5", "a number above 1, or null"),
    ("/hardware/cell/on_off_ratio", 1, "1", "a number above 1, or null"),
    ("/hardware/cell/on_off_ratio", math.inf, "inf", "a number above 1, or null"),
    ("/hardware/cell/on_off_ratio", "same", '"same"', "a number above 1, or null"),
    ("/hardware/cell/g_max", -5e-5, "-5e-05", SIEMENS),
    ("/hardware/cell/g_max", 0, "0", SIEMENS),
    ("/hardware/cell/g_max", 50, "50", SIEMENS),
    ("/hardware/cell/g_max", math.nan, "nan", SIEMENS),
    ("/hardware/cell/g_max", 10**400, "a whole number of 1329 bits", SIEMENS),
    ("/hardware/cell/g_max", "50 uS", '"50 uS"', SIEMENS),
    ("/hardware/cell/g_max", True, "true", SIEMENS),
    ("/hardware/cell/technology", "", '""', "text of 1 to 100 characters"),
    ("/hardware/cell/spacing", True, "true", f'an object with "type" {SPACINGS}'),
    ("/hardware/cell/spacing", None, "null", f'an object with "type" {SPACINGS}'),
    ("/hardware/cell/negative/gain", 0, "0", "a number from 1e-06 to 100"),
    ("/hardware/cell/negative/gain", -1, "-1", "a number from 1e-06 to 100"),
    ("/hardware/cell/negative/on_off_ratio", 1, "1", 'a number above 1, or "same", or null'),
    ("/hardware/cell/negative/on_off_ratio", "x", '"x"', 'a number above 1, or "same", or null'),
    ("/hardware/cell/negative/spacing", True, "true", f'"same", or an object with "type" {SPACINGS}'),
    ("/hardware/cell/negative/spacing", "other", '"other"', f'"same", or an object with "type" {SPACINGS}'),
    ("/hardware/format", "mho.hardware/2", '"mho.hardware/2"', '"mho.hardware/1"'),
    ("/hardware/weights/encoding", "bit_sliced", '"bit_sliced"', 'one of "sign_select", "full_pair"'),
    ("/hardware/weights/encoding", 3, "3", 'one of "sign_select", "full_pair"'),
    ("/hardware/activation/bits", 0, "0", "a whole number from 1 to 8, or null"),
    ("/hardware/activation/range", -1, "-1", 'a number from 1e-30 to 1000000, or one of "learned", "calibrated"'),
    ("/hardware/input/bits", 9, "9", "a whole number from 1 to 8, or null"),
    ("/hardware/array/rows", 0, "0", "a whole number from 1 to 16384"),
    ("/hardware/array/cols", 16385, "16385", "a whole number from 1 to 16384"),
    ("/hardware/array/wire_resistance/word", -1, "-1", "a number from 0 to 1000000 ohm"),
    ("/hardware/array/wire_resistance/bit", math.nan, "nan", "a number from 0 to 1000000 ohm"),
    ("/hardware/array/wire_resistance/word", None, "null", "a number from 0 to 1000000 ohm"),
    ("/hardware/array/driver_resistance", -5e-324, "-5e-324", "a number from 0 to 1000000 ohm, or null"),
    ("/hardware/array/sense_resistance", 1000001, "1000001", "a number from 0 to 1000000 ohm, or null"),
    ("/hardware/array/pair_layout", "mirrored", '"mirrored"', 'one of "separate", "interleaved", or null'),
    ("/hardware/array/read_voltage", 0, "0", "a number above 0 and at most 100 V, or null"),
    ("/hardware/array/read_voltage", -0.2, "-0.2", "a number above 0 and at most 100 V, or null"),
    ("/kind", "train", '"train"', '"compile"'),
    ("/name", "x" * 201, '"' + "x" * 75 + " ...", "text of at most 200 characters"),
    ("/labels/lot", 7, "7", "text of at most 200 characters"),
    ("/dataset", 5, "5", DATASETS),
    ("/model/hidden", 512, "512", "a list of at most 8 items, each a whole number from 1 to 8192"),
    (
        "/model/hidden",
        [8] * 9,
        "[8, 8, 8, 8, 8, 8, 8, 8, 8]",
        "a list of at most 8 items, each a whole number from 1 to 8192",
    ),
    ("/training/epochs", 0, "0", "a whole number from 1 to 1000"),
    ("/training/epochs", 1001, "1001", "a whole number from 1 to 1000"),
    ("/training/batch", 65537, "65537", "a whole number from 1 to 65536"),
    ("/training/learning_rate", 0, "0", "a number above 0 and at most 10"),
    ("/training/hardware_learning_rate", 0, "0", "a number above 0 and at most 10, or null"),
    ("/training/hardware_learning_rate", 11, "11", "a number above 0 and at most 10, or null"),
    ("/training/weight_decay", -1, "-1", "a number from 0 to 1, or null"),
    ("/training/schedule/start", 0, "0", "a number from 0.01 to 10000 1/step"),
    ("/training/schedule/hard_from", 1.01, "1.01", "a number from 0 to 1"),
    ("/training/schedule/hard_from", None, "null", "a number from 0 to 1"),
    ("/training/distillation/weight", 0, "0", "a number above 0 and at most 1"),
    ("/training/distillation/weight", 1.5, "1.5", "a number above 0 and at most 1"),
    ("/training/distillation/temperature", 0, "0", "a number from 0.1 to 100"),
    ("/training/distillation/temperature", 101, "101", "a number from 0.1 to 100"),
    ("/training/augmentation/shift", 0, "0", "a whole number from 1 to 4"),
    ("/training/augmentation/shift", 5, "5", "a whole number from 1 to 4"),
    ("/training/augmentation/shift", True, "true", "a whole number from 1 to 4"),
    ("/training/seed", -1, "-1", "a whole number from 0 to 9223372036854775807"),
    ("/training/seed", 2**63, "9223372036854775808", "a whole number from 0 to 9223372036854775807"),
    ("/export/netlists", True, "true", 'one of "none", "one_per_layer", "all"'),
    ("/evaluation/chips", 0, "0", "a whole number from 1 to 10000"),
    ("/evaluation/target_accuracy", 97, "97", "a number above 0 and below 1, or null"),
]


@pytest.mark.parametrize(("pointer", "value", "got", "allowed"), SINGLE, ids=lambda value: str(value)[:40])
def test_one_field_out_of_bounds(pointer: str, value: Any, got: str, allowed: str) -> None:
    assert faults_of(with_field(pointer, value)) == (Fault(pointer, f"got {got}; allowed: {allowed}", got, allowed),)


REASONED = [
    ("/hardware/cell/levels", 4.0, "", "write it without a decimal point: got 4.0"),
    ("/hardware/cell/levles", 4, "", f'unknown key (did you mean "levels"?): got "levles"; allowed: {CELL_KEYS}'),
    ("/adc", {"bits": 8}, "", 'unknown key: got "adc"; allowed: the keys kind, name, labels, hardware, dataset'),
    ("/hardware/adc", {"bits": 0}, "/bits", "got 0; allowed: a whole number from 2 to 16, or null"),
    ("/hardware/adc/range", {"type": "auto"}, "/type", 'one of "full", "calibrated", "given"'),
    ("/hardware/array/wires", {}, "", "allowed: the keys rows, cols, wire_resistance, driver_resistance"),
    (
        "/hardware/array/wire_resistance",
        -1.0,
        "",
        "got -1.0; allowed: a number from 0 to 1000000 ohm, or an object",
    ),
    (
        "/hardware/array/wire_resistance",
        True,
        "",
        "got true; allowed: a number from 0 to 1000000 ohm, or an object",
    ),
    ("/hardware/array/wire_resistance", {"word": 2e6}, "/word", "got 2000000.0; allowed: a number from 0 to 1000000"),
    (
        "/hardware/noise/stuck_at",
        1.5,
        "",
        "got 1.5; allowed: a number from 0 to 1, or an object with the keys",
    ),
    ("/hardware/noise/programming", 0.02, "", 'write {"type": "additive", "sigma_ratio": 0.02}: got 0.02; allowed'),
    ("/hardware/noise/programming", "pcm_joshi_2020", "", 'write {"type": "pcm_joshi_2020"}: got "pcm_joshi_2020"'),
    ("/hardware/noise/read", 0.02, "", 'write {"type": "additive", "sigma_ratio": 0.02}: got 0.02; allowed'),
    ("/hardware/noise/read", 1.5, "", "got 1.5; allowed: an object with"),
    ("/hardware/noise/drift", 0.05, "", 'write {"type": "power_law", "exponent": 0.05}: got 0.05; allowed'),
    ("/hardware/adc", 5, "", 'write {"bits": 5}: got 5; allowed: an object with the keys bits, range, or null'),
    ("/hardware/adc", {"bits": 5, "range": "full"}, "/range", 'write {"type": "full"}: got "full"; allowed'),
    ("/hardware/input", 4, "", 'write {"bits": 4}: got 4; allowed: an object with the keys bits, bit_serial'),
    ("/hardware/activation", 2, "", 'write {"bits": 2}: got 2; allowed: an object with the keys function'),
    ("/hardware/activation", "relu", "", 'write {"function": "relu"}: got "relu"; allowed: an object with'),
    ("/hardware/array", 128, "", "got 128; allowed: an object with the keys rows, cols"),
    ("/hardware/noise", 0.02, "", "got 0.02; allowed: an object with the keys programming"),
    ("/hardware/array/wire_resistance", {"row": 1.0}, "/row", "unknown key"),
    ("/hardware/noise/drift", {"type": "pcm"}, "/type", 'one of "power_law", "pcm_joshi_2020"'),
    ("/hardware/noise/ageing", {}, "", f"allowed: the keys {', '.join(Noise.model_fields)}"),
    ("/hardware/input/bit_serial", 1, "", "got 1; allowed: true or false, or null"),
    ("/dataset", "mnits", "", f'unknown value (did you mean "mnist"?): got "mnits"; allowed: {DATASETS}'),
    ("/dataset", "cifar", "", f'got "cifar"; allowed: {DATASETS}'),
    ("/hardware", "sram4b", "", 'unknown preset (did you mean "sram-4b"?): got "sram4b"'),
    (
        "/hardware",
        "memristor",
        "",
        '"fefet-2b", "ideal", "pcm-joshi-2020", "rram-cmo-2025", "rram-generic-3b", "rram-milo-2021"',
    ),
    ("/hardware", 5, "", 'got 5; allowed: one of "fefet-2b", "ideal", '),
    ("/hardware", 5, "", '"sram-4b", or an object with the keys format, cell'),
    ("/hardware", {}, "/cell", "missing: got nothing; allowed: an object with the keys technology, levels"),
    ("/hardware/cell/spacing", {}, "/type", f"missing: got nothing; allowed: {SPACINGS}"),
    ("/hardware/cell/spacing", {"type": "exponental"}, "/type", 'unknown type (did you mean "exponential"?)'),
    ("/hardware/cell/spacing", {"type": 3}, "/type", f"got 3; allowed: {SPACINGS}"),
    (
        "/hardware/cell/spacing",
        {"type": "exponential"},
        "/curvature",
        "missing: got nothing; allowed: a number from -10",
    ),
    (
        "/hardware/cell/spacing",
        {"type": "exponential", "curvature": 11},
        "/curvature",
        "got 11; allowed: a number from",
    ),
    ("/hardware/cell/spacing", {"type": "linear", "curvature": 1}, "/curvature", "unknown key"),
    (
        "/hardware/cell/spacing",
        {"type": "exponential", "curvature": 1, "exponential": 1},
        "/exponential",
        "unknown key",
    ),
    ("/hardware/cell/negative/spacing", {"type": "exponential", "curvature": "2"}, "/curvature", 'got "2"; allowed'),
    ("/hardware/noise/programming", {"type": "pcm"}, "/type", 'unknown type: got "pcm"; allowed: one of "additive"'),
    ("/hardware/noise/programming", {"type": "additive", "sigma_ratio": 2}, "/sigma_ratio", "a number from 0 to 1"),
    ("/model/hidden", [0], "/0", "got 0; allowed: a whole number from 1 to 8192"),
    ("/model/hidden", [10**9], "/0", "got 1000000000; allowed: a whole number from 1 to 8192"),
    ("/model/hidden", [8, 8.5], "/1", "got 8.5; allowed: a whole number"),
    ("/labels", {"": "x"}, "/", "allowed: text of 1 to 100 characters"),
    ("/labels", {"a/b~c": 1}, "/a~1b~0c", "got 1; allowed: text"),
    ("/labels", {str(i): "" for i in range(33)}, "", "allowed: an object of at most 32 entries"),
    ("/training/distillation", True, "", "got true; allowed: an object with the keys weight, temperature, or null"),
    ("/training/distillation/temprature", 2, "", 'unknown key (did you mean "temperature"?)'),
    ("/training/augmentation", {}, "/shift", "missing: got nothing; allowed: a whole number from 1 to 4"),
    ("/training/aware_of", "programming", "", 'got "programming"; allowed: a list'),
    ("/export", "all", "", 'write {"netlists": "all"}: got "all"; allowed: an object with the keys netlists, or null'),
    ("/export/netlists", "one per layer", "", 'unknown value (did you mean "one_per_layer"?)'),
    ("/training/optimizer", "adamw", "", 'unknown value (did you mean "adam"?)'),
]


@pytest.mark.parametrize(("pointer", "value", "rest", "words"), REASONED, ids=lambda value: str(value)[:40])
def test_one_fault_with_a_reason(pointer: str, value: Any, rest: str, words: str) -> None:
    (fault,) = faults_of(with_field(pointer, value))
    assert fault.pointer == pointer + rest
    assert words in fault.message
    assert fault.message.endswith(f"got {fault.got}; allowed: {fault.allowed}")


def table(*conductances: Any) -> dict[str, Any]:
    return {"type": "table", "conductances": list(conductances)}


def bits(*conductances: float) -> dict[str, Any]:
    return {"type": "binary_weighted", "bit_conductances": list(conductances)}


CONTRADICTIONS = [
    (
        {"spacing": table(1e-6, 3e-6, 2e-6)},
        "/spacing/conductances/2",
        "does not increase here, after 3e-06 S: got 2e-06",
    ),
    ({"spacing": table(1e-6, 1e-6)}, "/spacing/conductances/1", "does not increase here"),
    ({"spacing": table(1e-6)}, "/spacing/conductances", "a list of 2 to 256 items"),
    ({"spacing": table(-1e-6, 1e-6)}, "/spacing/conductances/0", "got -1e-06; allowed: a number from 0 to 1 S"),
    ({"spacing": table(0, True)}, "/spacing/conductances/1", "got true; allowed: a number from 0 to 1 S"),
    ({"spacing": table(0, 1e-16)}, "/spacing/conductances/1", "too small"),
    ({"spacing": table(1e-6, 1.0000000000001e-6)}, "/spacing/conductances/1", "two neighbouring levels are 9.99e-20 S"),
    (
        {"spacing": table(1e-6, 2e-6), "on_off_ratio": 2},
        "/on_off_ratio",
        "the ends of the table already give the ratio",
    ),
    (
        {"spacing": table(1e-6, 2e-6), "levels": 3},
        "/levels",
        "the table has 2 conductances: got 3; allowed: 2, or leave",
    ),
    ({"spacing": table(1e-6, 2e-6), "g_max": 3e-6}, "/g_max", "the measured conductances give 2e-06 S: got 3e-06"),
    (
        {"spacing": table(1e-6, 2e-6), "negative": {"spacing": table(0, 1e-6, 2e-6)}},
        "/negative/spacing/conductances",
        "it has 3 conductances, and the positive component has 2 levels",
    ),
    (
        {"levels": 2, "g_max": 1e-5, "negative": {"spacing": table(0, 1e-6), "on_off_ratio": 5}},
        "/negative/on_off_ratio",
        "the ends of the table already give the ratio: got 5.0; allowed: leave it out",
    ),
    (
        {"spacing": table(1e-6, 2e-6), "negative": {"on_off_ratio": 5}},
        "/negative/on_off_ratio",
        "the ends of the table already give the ratio",
    ),
    (
        {"levels": 2, "g_max": 1e-5, "negative": {"spacing": table(2e-6, 1e-6)}},
        "/negative/spacing/conductances/1",
        "does not increase here",
    ),
    ({"g_max": 1e-5}, "/levels", "linear spacing does not say how many levels there are: got nothing"),
    ({"levels": 4}, "/g_max", "linear spacing without measured conductances has no scale: got nothing"),
    (
        {"levels": 5, "g_max": 1e-5, "spacing": {"type": "binary_weighted"}},
        "/levels",
        "a power of two of levels: got 5",
    ),
    ({"levels": 5, "g_max": 1e-5, "negative": {"spacing": {"type": "binary_weighted"}}}, "/levels", "a power of two"),
    ({"levels": 8, "spacing": bits(1e-6, 2e-6)}, "/spacing/bit_conductances", "8 levels are 3 bits"),
    (
        {"levels": 4, "spacing": bits(0.4, 0.8)},
        "/spacing/bit_conductances",
        "the bits conduct 1.2 S, and their sum is the largest conductance of the component: got [0.4, 0.8]; allowed: "
        "bits whose sum is at most 1 S",
    ),
    (
        {"levels": 4, "g_max": 1e-5, "negative": {"spacing": bits(0.4, 0.8)}},
        "/negative/spacing/bit_conductances",
        "the bits conduct 1.2 S",
    ),
    (
        {"levels": 4, "spacing": bits(1e-6, 0.0)},
        "/spacing/bit_conductances/1",
        "got 0.0; allowed: a number from 1e-15 to 1 S",
    ),
    ({"levels": 4, "spacing": bits(1e-6, 2e-6), "g_max": 4e-6}, "/g_max", "the measured conductances give 3e-06 S"),
    (
        {"levels": 4, "g_max": 1e-5, "negative": {"spacing": bits(1e-6)}},
        "/negative/spacing/bit_conductances",
        "4 levels are 2 bits",
    ),
    (
        {"levels": 4, "g_max": 1e-5, "on_off_ratio": 1 + 1e-12},
        "/on_off_ratio",
        "below 1e-09 of the largest conductance",
    ),
    (
        {"levels": 4, "g_max": 1e-5, "negative": {"on_off_ratio": 1 + 1e-12}},
        "/negative/on_off_ratio",
        "two neighbouring levels",
    ),
]


@pytest.mark.parametrize(("cell", "rest", "words"), CONTRADICTIONS, ids=lambda value: str(value)[:50])
def test_a_cell_that_contradicts_itself(cell: dict[str, Any], rest: str, words: str) -> None:
    (fault,) = faults_of({**JOB, "hardware": {"cell": cell}})
    assert fault.pointer == "/hardware/cell" + rest
    assert words in fault.message


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"scale": "per_layer"}, "hardware.weights.scale is per_layer"),
        ({"bias": "array_row"}, "hardware.weights.bias is array_row"),
    ],
)
def test_batch_normalisation_needs_a_digital_scale_and_bias_of_each_column(weights: dict[str, str], words: str) -> None:
    hardware = {**JOB["hardware"], "weights": weights}
    (fault,) = faults_of({**JOB, "hardware": hardware, "model": {"normalization": "batch"}})
    assert fault.pointer == "/model/normalization"
    assert words in fault.message
    assert fault.allowed == '"none" or null with this hardware'


def test_a_network_of_more_than_fifty_million_weights_is_refused() -> None:
    (fault,) = faults_of({**JOB, "model": {"hidden": [8192, 6200]}})
    assert fault.pointer == "/model/hidden"
    # 64 x 8192 + 8192 x 6200 + 6200 x 10.
    assert "the network has 51,376,688 weights" in fault.message
    assert parse_job({**JOB, "model": {"hidden": [8192, 5000]}}).described_model.hidden == (8192, 5000)


def test_the_staircase_has_to_sharpen() -> None:
    (fault,) = faults_of(with_field("/training/schedule", {"start": 3, "end": 9, "activation_end": 2.5}))
    assert (fault.pointer, fault.allowed) == ("/training/schedule/activation_end", "a number from 3, or null")
    (fault,) = faults_of(with_field("/training/schedule", {"start": 3, "end": 3}))
    assert (fault.pointer, fault.allowed) == ("/training/schedule/end", "a number above 3")


def test_every_fault_is_reported_at_once() -> None:
    document = {
        "hardware": {"cell": {"levels": 1, "g_max": -1, "colour": "red"}, "array": {"rows": 0}},
        "dataset": "mnist8m",
        "training": {"epochs": 0},
    }
    assert [fault.pointer for fault in faults_of(document)] == [
        "/hardware/cell/levels",
        "/hardware/cell/g_max",
        "/hardware/cell/colour",
        "/hardware/array/rows",
        "/dataset",
        "/training/epochs",
    ]


def test_several_contradictions_of_one_cell_are_reported_at_once() -> None:
    cell = {"levels": 3, "g_max": 1e-3, "on_off_ratio": 4, "spacing": table(1e-6, 2e-6)}
    pointers = {fault.pointer for fault in faults_of({**JOB, "hardware": {"cell": cell}})}
    assert pointers == {"/hardware/cell/levels", "/hardware/cell/g_max", "/hardware/cell/on_off_ratio"}


def test_what_is_missing_is_named() -> None:
    assert [(fault.pointer, fault.got) for fault in faults_of({})] == [
        ("/hardware", "nothing"),
        ("/dataset", "nothing"),
    ]


def test_pointers_of_a_bare_hardware_description_start_at_it() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_hardware({"cell": {"levels": 1, "g_max": 1e-5}})
    assert [fault.pointer for fault in caught.value.faults] == ["/cell/levels"]


def test_the_error_prints_one_line_per_fault_and_keeps_its_faults_in_a_pickle() -> None:
    document = with_field("/hardware/cell/levels", 1) | {"model": {"hidden": [4, 0]}}
    with pytest.raises(InvalidInput) as caught:
        parse_job(document)
    assert str(caught.value).splitlines() == [
        f"hardware.cell.levels: got 1; allowed: {LEVELS}",
        "model.hidden[1]: got 0; allowed: a whole number from 1 to 8192",
    ]
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.faults, str(again)) == (caught.value.faults, str(caught.value))
    assert caught.value.reason == "INVALID_INPUT"


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10_000,
        "\x1b[31m" * 50,
        ["y" * 500] * 300,
        {"k" * 300: {"k": [1] * 900}},
        10**5000,
        "\n\u2028\u202e" * 99,
        math.inf,
        -math.inf,
        math.nan,
    ],
    ids=["text", "escapes", "list", "object", "number", "separators", "infinite", "negative", "none"],
)
@pytest.mark.parametrize(
    "pointer",
    ["/hardware/cell/levels", "/name", "/labels", "/hardware", "/dataset", "/model/hidden", "/hardware/array/rows"]
    + [f"/hardware/{part}" for part in ("cell", "input", "activation", "array", "adc", "weights", "noise/drift")],
)
def test_whatever_came_is_repeated_in_a_line_of_bounded_length(pointer: str, value: Any) -> None:
    for fault in faults_of(with_field(pointer, value)):
        assert len(fault.got) <= 80
        assert str(fault).isprintable()
        assert len(str(fault)) < 600
        json.dumps([fault.pointer, fault.message, fault.got, fault.allowed]).encode()


def test_no_more_than_fifty_faults_are_listed() -> None:
    document = {**JOB, **{f"key{i}": 1 for i in range(200)}}
    faults = faults_of(document)
    assert len(faults) == 51
    assert "150 more faults" in faults[-1].message


def test_one_example_per_step_has_no_statistics() -> None:
    (fault,) = faults_of({**JOB, "training": {"batch": 1}})
    assert fault.pointer == "/training/batch"
    assert "one example has none: got 1; allowed: 2 to 65536, or model.normalization none" in fault.message
    for model in ({"normalization": "none"}, {"hidden": []}):
        assert parse_job({**JOB, "model": model, "training": {"batch": 1}}).training.batch == 1
