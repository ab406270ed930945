"""Models of noise that were fitted on some conductances: cells outside are refused where the fault lies."""

import pytest

from hwcore.errors import InvalidInput
from hwcore.spec import PROGRAMMING_MODELS, Fitted, parse_hardware, parse_job
from tests.hwcore.spec.chips import Description

PCM = {"type": "pcm_joshi_2020"}
MILO = {"type": "rram_milo_2021"}


def hardware(cell: Description, programming: Description) -> Description:
    return {"cell": cell, "noise": {"programming": programming}}


def table(*conductances: float) -> Description:
    return {"type": "table", "conductances": list(conductances)}


def log_normal(**changed: float) -> Description:
    return {"type": "log_normal", "log_sigma_on": 0.05, "log_sigma_off": 0.5, "g_on": 4e-5, "g_off": 1e-6, **changed}


FOUR = {"levels": 4, "g_max": 5e-5}
OUTSIDE: list[tuple[Description, tuple[str, ...], str]] = [
    (hardware(FOUR, PCM), ("/cell/g_max",), "a level of 5e-05 S is outside of what pcm_joshi_2020 was fitted on"),
    (hardware(FOUR, {**PCM, "g_max": 4e-5}), ("/cell/g_max",), "allowed: levels from 0 to 4e-05 S, or a model"),
    (hardware(FOUR, {"type": "rram_wan_2022_aihwkit"}), ("/cell/g_max",), "levels from 0 to 4e-05 S"),
    (hardware(FOUR, {"type": "rram_wan_2022_crosssim"}), ("/cell/g_max",), "levels from 0 to 4e-05 S"),
    (hardware(FOUR, MILO), ("/cell/on_off_ratio",), "a level of 0 S"),
    (hardware({**FOUR, "g_max": 3e-4}, MILO), ("/cell/g_max", "/cell/on_off_ratio"), "from 5e-05 to 0.000225 S"),
    (
        hardware({**FOUR, "on_off_ratio": 6}, {"type": "rram_cmo_2025"}),
        ("/cell/on_off_ratio",),
        "a level of 8.33333333",
    ),
    (hardware(FOUR, {"type": "sonos_agrawal_2022"}), ("/cell/g_max",), "levels from 0 to 1.6e-05 S"),
    (hardware(FOUR, log_normal()), ("/cell/g_max", "/cell/on_off_ratio"), "levels from 1e-06 to 4e-05 S"),
    (hardware({**FOUR, "g_max": 2e-5, "negative": {"gain": 1.5}}, PCM), ("/cell/negative/gain",), "a level of 3e-05 S"),
    (
        hardware({**FOUR, "g_max": 2e-4, "on_off_ratio": 4, "negative": {"on_off_ratio": 5}}, MILO),
        ("/cell/negative/on_off_ratio",),
        "a level of 4e-05 S",
    ),
    (
        hardware({**FOUR, "g_max": 2e-4, "on_off_ratio": 4, "negative": {"on_off_ratio": None}}, MILO),
        ("/cell/negative/on_off_ratio",),
        "a level of 0 S",
    ),
    (hardware({"spacing": table(0, 1e-5, 3e-5)}, PCM), ("/cell/spacing/conductances/2",), "a level of 3e-05 S"),
    (hardware({"spacing": table(4e-5, 6e-5)}, MILO), ("/cell/spacing/conductances/0",), "a level of 4e-05 S"),
    (
        hardware({"levels": 2, "g_max": 2e-5, "negative": {"spacing": table(0, 3e-5)}}, PCM),
        ("/cell/negative/spacing/conductances/1",),
        "a level of 3e-05 S",
    ),
    (
        hardware(
            {"levels": 4, "spacing": {"type": "binary_weighted", "bit_conductances": [1e-5, 2e-5]}},
            PCM,
        ),
        ("/cell/spacing/bit_conductances",),
        "a level of 3e-05 S",
    ),
    (
        hardware({"levels": 4, "g_max": 2e-5, "negative": {"spacing": {"type": "binary_weighted"}, "gain": 2}}, PCM),
        ("/cell/negative/gain",),
        "a level of 4e-05 S",
    ),
]


@pytest.mark.parametrize(("description", "pointers", "words"), OUTSIDE, ids=lambda value: str(value)[:60])
def test_a_cell_outside_of_a_fit_is_refused_where_the_fault_lies(
    description: Description, pointers: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_hardware(description)
    assert tuple(fault.pointer for fault in caught.value.faults) == pointers
    assert words in str(caught.value)
    with pytest.raises(InvalidInput) as caught:
        parse_job({"hardware": description, "dataset": "digits"})
    assert tuple(fault.pointer for fault in caught.value.faults) == tuple("/hardware" + each for each in pointers)


@pytest.mark.parametrize(
    "description",
    [
        hardware({**FOUR, "g_max": 2.5e-5}, PCM),
        hardware(FOUR, {**PCM, "g_max": 5e-5}),
        hardware({**FOUR, "g_max": 2.25e-4, "on_off_ratio": 4.5}, MILO),
        hardware({**FOUR, "g_max": 8.82e-5, "on_off_ratio": 9.8}, {"type": "rram_cmo_2025", "acceptance": "2_percent"}),
        hardware({**FOUR, "g_max": 4e-5, "on_off_ratio": 40}, log_normal()),
        hardware({**FOUR, "g_max": 1.6e-5}, {"type": "sonos_agrawal_2022", "after": "5_days"}),
        hardware({**FOUR, "g_max": 3.2e-5}, {"type": "sonos_agrawal_2022", "read_voltage": 0.05}),
        hardware({**FOUR, "g_max": 4e-5}, {"type": "rram_wan_2022_aihwkit", "after": "2_days"}),
    ],
    ids=str,
)
def test_a_cell_up_to_the_ends_of_a_fit_is_taken_and_survives_json(description: Description) -> None:
    once = parse_hardware(description).resolved()
    assert parse_hardware(once.model_dump_json()) == once
    assert isinstance(once.noise.programming, Fitted)


def test_a_faulty_cell_is_told_about_the_cell_alone() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_hardware(hardware({"levels": 4}, PCM))
    assert [fault.pointer for fault in caught.value.faults] == ["/cell/g_max"]


@pytest.mark.parametrize(
    ("changed", "pointer", "words"),
    [
        ({"g_off": 4e-5}, "/g_off", "the off state conducts less than the on state"),
        ({"g_off": 0.0}, "/g_off", "got 0.0; allowed: a number from 1e-15 to 1 S"),
        ({"log_sigma_on": -0.1}, "/log_sigma_on", "a number from 0 to 2"),
        ({"log_sigma_off": 2.1}, "/log_sigma_off", "a number from 0 to 2"),
    ],
)
def test_the_states_of_a_log_normal_device(changed: dict[str, float], pointer: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_hardware(hardware({**FOUR, "g_max": 4e-5, "on_off_ratio": 40}, log_normal(**changed)))
    (fault,) = caught.value.faults
    assert fault.pointer == "/noise/programming" + pointer
    assert words in fault.message


@pytest.mark.parametrize(
    ("programming", "pointer", "words"),
    [
        ({"type": "rram_wan_2022_aihwkit", "after": "1 day"}, "/after", 'unknown value (did you mean "1_day"?)'),
        ({"type": "rram_cmo_2025", "acceptance": 2}, "/acceptance", 'one of "0.2_percent", "2_percent"'),
        ({"type": "sonos_agrawal_2022", "read_voltage": 0}, "/read_voltage", "a number from 0.001 to 10 V"),
        ({"type": "pcm_joshi_2020", "g_max": 0}, "/g_max", "a number from 1e-15 to 1 S"),
        ({"type": "rram_milo_2021", "after": "1_day"}, "/after", "unknown key"),
        ({"type": "rram_wan_2022"}, "/type", 'did you mean "rram_wan_2022_'),
    ],
)
def test_the_fields_of_a_published_device(programming: Description, pointer: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_hardware(hardware({**FOUR, "g_max": 1e-5}, programming))
    (fault,) = caught.value.faults
    assert fault.pointer == "/noise/programming" + pointer
    assert words in fault.message


def test_python_may_leave_the_type_out_and_json_has_to_write_it() -> None:
    assert PROGRAMMING_MODELS[0]().model_dump() == {"type": "pcm_joshi_2020", "g_max": 25e-6}
    with pytest.raises(InvalidInput) as caught:
        parse_hardware(hardware(FOUR, {"g_max": 2.5e-5}))
    assert caught.value.faults[0].pointer == "/noise/programming/type"
