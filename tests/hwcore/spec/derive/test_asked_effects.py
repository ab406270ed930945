"""Effects and times that a job asks for: what the hardware has of them, defaults, and what is refused and why."""

from typing import Any

import pytest

from hwcore.errors import Fault, InvalidInput
from hwcore.spec import EFFECTS, TRAINING_EFFECTS, Effect, absent, parse_hardware, parse_job, present_effects, times_of
from hwcore.spec.reading.wording import quoted
from tests.hwcore.conformance.effect_cases import everything_but
from tests.hwcore.spec.reading.test_faults import with_field

CELL = {"levels": 4, "g_max": 2.5e-5, "on_off_ratio": 8}
PCM = {"type": "pcm_joshi_2020"}
PARTS = everything_but()
ACTIVATION = {"function": "relu", "bits": 4}
EVERYTHING: dict[str, Any] = {
    "cell": CELL,
    "activation": ACTIVATION,
    **PARTS,
    "noise": {
        **PARTS["noise"],
        "programming": PCM,
        "drift": {"type": "power_law", "exponent": 0.05, "t0": 60},
        "read": PCM,
    },
}
AGEING = {"cell": CELL, "noise": {"drift": PCM, "read": {"type": "additive", "sigma_ratio": 0.01}}}
HOUR, DAY, YEAR = 3600.0, 86400.0, 31536000.0


def job(hardware: Any, **asked: Any) -> Any:
    training = {"aware_of": asked.pop("aware_of", None)}
    return parse_job({"hardware": hardware, "dataset": "digits", "training": training, "evaluation": asked})


def faults_of(hardware: Any, **asked: Any) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInput) as caught:
        job(hardware, **asked)
    return caught.value.faults


def without(effect: Effect) -> dict[str, Any]:
    """Everything but one effect."""
    if effect == "wires":
        return {**EVERYTHING, "array": {"wire_resistance": {}, "driver_resistance": 0.0, "pair_layout": "interleaved"}}
    parts = everything_but(effect)
    noise = {name: EVERYTHING["noise"][name] for name in parts["noise"]}
    return {"cell": CELL, "activation": ACTIVATION, **parts, "noise": noise, **({"adc": {}} if effect == "adc" else {})}


WHERE: dict[Effect, str] = {
    "programming": "hardware.noise.programming is null",
    "stuck_at": "hardware.noise.stuck_at is null",
    "wires": "hardware.array has no resistance",
    "adc": "hardware.adc.bits is null",
    "digital": "hardware.digital is null",
    "read": "hardware.noise.read is null",
    "drift": "hardware.noise.drift is null",
}

TRAINABLE = f"allowed: one of {quoted(TRAINING_EFFECTS)}"
AT_MOST = "a list of at most {} items, none twice"
EACH_EFFECT = f"each one of {quoted(tuple(EFFECTS))}, or null"
REFUSED = [
    ("/training/aware_of", ["programing"], "/0", f'(did you mean "programming"?): got "programing"; {TRAINABLE}'),
    ("/training/aware_of", ["stuck_at"], "/0", f'got "stuck_at"; {TRAINABLE}'),
    (
        "/training/aware_of",
        ["adc"] * 20,
        "",
        f"{AT_MOST.format(len(TRAINING_EFFECTS))}, each {TRAINABLE[9:]}, or null",
    ),
    (
        "/evaluation/effects",
        "drift",
        "",
        f'got "drift"; allowed: {AT_MOST.format(len(EFFECTS))}, {EACH_EFFECT}',
    ),
    ("/evaluation/effects", ["drfit"], "/0", 'unknown value (did you mean "drift"?): got "drfit"; allowed: one of'),
    ("/evaluation/effects", [3], "/0", f"got 3; allowed: one of {quoted(tuple(EFFECTS))}"),
    ("/evaluation/times", 20, "", "got 20; allowed: a list of 1 to 32 items, each a number from 0 to 3200000000 s"),
    ("/evaluation/times", [], "", "got []; allowed: a list of 1 to 32 items, each a number from 0"),
    ("/evaluation/times", [0.5 * i for i in range(33)], "", "(33 in all)]; allowed: a list of 1 to 32 items"),
    ("/evaluation/times", [-1], "/0", "got -1; allowed: a number from 0 to 3200000000 s"),
    ("/evaluation/times", [20, 4e9], "/1", "got 4000000000.0; allowed: a number from 0 to 3200000000 s"),
    ("/evaluation/times", ["1 day"], "/0", 'got "1 day"; allowed: a number from 0 to 3200000000 s'),
    ("/evaluation/times", [True], "/0", "got true; allowed: a number from 0 to 3200000000 s"),
    ("/evaluation/times", [100, 50], "/1", "times increase, and before it is 100 s: got 50.0; allowed: a number above"),
    ("/evaluation/times", [100, 100], "/1", "times increase, and before it is 100 s: got 100.0"),
    ("/evaluation/times", [20], "", "nothing about this hardware depends on time"),
    ("/evaluation/effects", ["read"], "/0", "hardware.noise.read is null"),
]


@pytest.mark.parametrize(("pointer", "value", "rest", "words"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_asked_for_in_another_way(pointer: str, value: Any, rest: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_job(with_field(pointer, value))
    (fault,) = caught.value.faults
    assert fault.pointer == pointer + rest
    assert words in fault.message
    assert fault.message.endswith(f"got {fault.got}; allowed: {fault.allowed}")


def test_every_effect_is_present_where_it_is_described_and_in_the_order_of_the_report() -> None:
    assert present_effects(parse_hardware(EVERYTHING)) == tuple(EFFECTS)
    assert tuple(effect for effect in EFFECTS if effect in WHERE) == tuple(WHERE)
    assert present_effects(parse_hardware({"cell": CELL})) == ()
    for effect in EFFECTS:
        hardware = parse_hardware(without(effect))
        assert present_effects(hardware) == tuple(each for each in EFFECTS if each != effect)
        assert absent(hardware, effect) == WHERE.get(effect, EFFECTS[effect].missing)


@pytest.mark.parametrize(
    "array", [{"driver_resistance": 1.0}, {"sense_resistance": 1}, {"wire_resistance": {"bit": 1}}]
)
def test_any_resistance_makes_wires(array: Any) -> None:
    assert present_effects(parse_hardware({"cell": CELL, "array": array})) == ("wires",)


@pytest.mark.parametrize("effect", WHERE)
@pytest.mark.parametrize(("field", "known"), [("effects", tuple(EFFECTS)), ("aware_of", TRAINING_EFFECTS)])
def test_an_effect_that_the_hardware_does_not_have_is_refused_with_the_path_that_would_say_it(
    effect: Effect, field: str, known: tuple[Effect, ...]
) -> None:
    if effect not in known:
        return
    pointer = {"effects": "/evaluation/effects/1", "aware_of": "/training/aware_of/1"}[field]
    other = next(each for each in known if each != effect)
    present = ", ".join(f'"{each}"' for each in known if each != effect)
    (fault,) = faults_of(without(effect), **{field: [other, effect]})
    message = f'{WHERE[effect]}: got "{effect}"; allowed: one of {present}'
    assert fault == Fault(pointer, message, f'"{effect}"', f"one of {present}")


def test_every_effect_may_be_asked_for_in_any_order() -> None:
    asked = job(EVERYTHING, effects=[*reversed(EFFECTS)], aware_of=[*reversed(TRAINING_EFFECTS)])
    assert asked.evaluation.effects == tuple(reversed(EFFECTS))
    assert asked.training.aware_of == TRAINING_EFFECTS[::-1]


@pytest.mark.parametrize("field", ["effects", "aware_of"])
def test_an_effect_is_asked_for_once(field: str) -> None:
    first, second = faults_of(EVERYTHING, **{field: ["adc", "read", "adc", "adc"]})
    assert [fault.pointer[-2:] for fault in (first, second)] == ["/2", "/3"]
    assert first.message == 'it is there already: got "adc"; allowed: each effect once'


def test_a_list_of_no_effects_is_a_list() -> None:
    asked = job(EVERYTHING, effects=[], aware_of=[]).resolved()
    assert asked.evaluation.effects == asked.training.aware_of == ()


def test_times_of_the_job_or_the_first_one_an_hour_a_day_and_a_year() -> None:
    everything, pcm = parse_hardware(EVERYTHING), parse_hardware(AGEING)
    assert times_of(everything, None) == (60.0, HOUR, DAY, YEAR)
    assert times_of(pcm, None) == (20.0, HOUR, DAY, YEAR)
    assert times_of(pcm, (30.0, 40.0)) == (30.0, 40.0)
    assert times_of(parse_hardware({"cell": CELL}), None) == (0.0,)


@pytest.mark.parametrize(
    ("t0", "times"),
    [(1e-9, (1e-9, HOUR, DAY, YEAR)), (3600, (HOUR, DAY, YEAR)), (1e9, (1e9,))],
)
def test_the_default_times_begin_with_the_model(t0: float, times: tuple[float, ...]) -> None:
    drift = {"type": "power_law", "exponent": 0.1, "t0": t0}
    assert job({"cell": CELL, "noise": {"drift": drift}}).resolved().evaluation.times == times


@pytest.mark.parametrize(
    ("noise", "times", "path", "first"),
    [
        ({"drift": PCM}, [19.99, 20], "drift", 20),
        ({"read": PCM}, [0, 20], "read", 20),
        ({"drift": {"type": "power_law", "exponent": 0.1}}, [0.5, 1], "drift", 1),
        ({"drift": {"type": "power_law", "exponent": 0.1, "t0": 60}, "read": PCM}, [30, 60], "drift", 60),
        ({"drift": {"type": "power_law", "exponent": 0.1, "t0": 1}, "read": PCM}, [10, 20], "read", 20),
        ({"drift": PCM, "read": PCM}, [19.99, 20], "drift", 20),
    ],
)
def test_a_time_before_the_first_of_the_models_is_refused_with_the_model(
    noise: Any, times: list[float], path: str, first: int
) -> None:
    hardware = {"cell": CELL, "noise": noise}
    (fault,) = faults_of(hardware, times=times)
    reason = f"the model of hardware.noise.{path} begins {first} s after the write"
    allowed = f"a number from {first} to 3200000000 s"
    got = repr(float(times[0]))
    assert fault == Fault("/evaluation/times/0", f"{reason}: got {got}; allowed: {allowed}", got, allowed)
    assert job(hardware, times=times[1:]).evaluation.times == (float(first),)


def test_every_time_that_is_too_early_is_named() -> None:
    found = faults_of(AGEING, times=[1, 5, 20, 30])
    assert [fault.pointer for fault in found] == ["/evaluation/times/0", "/evaluation/times/1"]


@pytest.mark.parametrize(
    "noise", [{}, {"programming": PCM}, {"read": {"type": "additive", "sigma_ratio": 0.1}}, {"stuck_at": {}}]
)
def test_times_need_something_that_depends_on_time(noise: Any) -> None:
    hardware = {"cell": CELL, "noise": noise}
    (fault,) = faults_of(hardware, times=[3600])
    assert fault.pointer == "/evaluation/times"
    assert fault.message == (
        "nothing about this hardware depends on time: hardware.noise.drift is null, and no read noise grows: "
        "got [3600.0]; allowed: null"
    )
    assert job(hardware).resolved().evaluation.times is None


@pytest.mark.parametrize("hardware", [EVERYTHING, AGEING])
def test_times_need_something_that_is_looked_at_or_trained_for(hardware: Any) -> None:
    (fault,) = faults_of(hardware, times=[3600], effects=[], aware_of=[])
    assert fault.pointer == "/evaluation/times"
    assert fault.message == (
        "nothing in evaluation.effects or training.aware_of depends on time, as drift does and growing read noise: "
        "got [3600.0]; allowed: null"
    )
    assert job(hardware, effects=[], aware_of=[]).resolved().evaluation.times is None
    for asked in ({"effects": ["drift"], "aware_of": []}, {"effects": []}, {"effects": [], "aware_of": ["drift"]}):
        assert job(hardware, times=[3600], **asked).resolved().evaluation.times == (3600.0,)


def test_times_that_do_not_increase_are_heard_of_before_the_hardware_is_looked_at() -> None:
    first, second = faults_of({"cell": CELL}, times=[3, 2, 2, 4])
    assert [fault.pointer for fault in (first, second)] == ["/evaluation/times/1", "/evaluation/times/2"]
    assert first.message == "times increase, and before it is 3 s: got 2.0; allowed: a number above 3 s"


@pytest.mark.parametrize("asked", [{}, {"times": [100, 1000]}, {"effects": ["read", "drift"]}, {"effects": []}])
@pytest.mark.parametrize("hardware", [EVERYTHING, AGEING])
def test_a_resolved_job_says_times_and_awareness_and_resolves_to_itself(hardware: Any, asked: Any) -> None:
    once = job(hardware, **asked).resolved()
    again = parse_job(once.model_dump_json())
    assert again == once == again.resolved()
    said = once.model_dump(mode="json")
    first = 60.0 if hardware is EVERYTHING else 20.0
    assert said["evaluation"]["times"] == asked.get("times", [first, HOUR, DAY, YEAR])
    assert said["evaluation"].get("effects") == asked.get("effects")
    assert said["training"]["aware_of"] == ([*TRAINING_EFFECTS] if hardware is EVERYTHING else ["read", "drift"])


def test_where_nothing_is_asked_for_a_job_is_dumped_as_ever() -> None:
    assert {"times", "effects"}.isdisjoint(job({"cell": CELL}).resolved().model_dump(mode="json")["evaluation"])
