"""What a job looks at, in which order and under which names."""

from typing import Any

import pytest

from hwcore.spec import Look, Stage, everything, looks, parse_hardware, present_effects, shared_by_layers
from tests.hwcore.pipeline.small_jobs import CELL, EVERYTHING, job

DRIFT = {"type": "power_law", "exponent": 0.05, "t0": 2.0}
PROGRAMMING = {"type": "additive", "sigma_ratio": 0.05}


def looked_at(noise: Any, evaluation: Any = None, **parts: Any) -> list[Look]:
    return looks(job({"cell": CELL, "noise": noise, **parts}, evaluation=evaluation).resolved().examination())


def stages(of: list[Look]) -> list[str]:
    return [look.stage.text for look in of if look.on_ladder]


def test_with_everything_the_stages_are_those_of_the_design_in_their_order() -> None:
    found = looks(job(EVERYTHING, evaluation={"times": [2.0, 86400.0]}).resolved().examination())
    singles = ["programming", "stuck_at", "wires", "adc", "read"]
    assert stages(found) == [*singles, "drift@2", "drift@86400", "all@2", "all@86400"]
    everything_there = set(present_effects(parse_hardware(EVERYTHING)))
    for look in found:
        name, seconds = look.stage.name, look.stage.seconds
        assert look.condition.effects == (everything_there if look.effect is None else {name, "wires"})
        assert look.effect == (None if name == "all" else name)
        assert look.condition.seconds == (2.0 if seconds is None else seconds)
        assert not look.empty
    assert everything(found) == found[[look.stage for look in found].index(Stage("all", 86400.0))].condition


def test_a_job_without_effects_has_the_rung_of_programming_and_nothing_happens_on_it() -> None:
    (only,) = looked_at({})
    assert (only.stage, only.effect, only.empty) == (Stage("programming"), "programming", True)
    assert (only.condition.effects, only.condition.drawn) == (frozenset(), False)
    assert not everything([only]).effects


def test_programming_noise_alone() -> None:
    found = looked_at({"programming": PROGRAMMING})
    assert stages(found) == ["programming", "all@0"]
    # One look, under two names.
    assert found[0].condition == found[1].condition


@pytest.mark.parametrize(
    "asked", [["read", "programming", "wires", "drift"], ["drift", "wires", "read", "programming"]]
)
def test_effects_that_are_asked_for_stand_in_the_order_of_the_report(asked: list[str]) -> None:
    found = looks(job(EVERYTHING, evaluation={"effects": asked, "times": [2.0]}).resolved().examination())
    assert stages(found) == ["programming", "wires", "read", "drift@2", "all@2"]
    assert everything(found).effects == set(asked)


def test_programming_has_its_rung_whatever_is_asked_for_and_nothing_is_written_there_unasked() -> None:
    found = looks(job(EVERYTHING, evaluation={"effects": ["wires", "drift"], "times": [2.0]}).resolved().examination())
    assert stages(found) == ["programming", "wires", "drift@2", "all@2"]
    # The wires that it was trained for.
    assert found[0].condition.effects == {"wires"}
    assert everything(found).effects == {"wires", "drift"}


@pytest.mark.parametrize("asked", [["wires"], ["programming", "stuck_at", "wires", "adc", "read"]], ids=str)
def test_where_nothing_that_is_asked_for_depends_on_time_there_is_one(asked: list[str]) -> None:
    found = looks(job(EVERYTHING, evaluation={"effects": asked}).resolved().examination())
    assert stages(found)[-1] == "all@0"
    assert len([look for look in found if look.stage.name == "all"]) == 1
    assert {look.condition.seconds for look in found} == {0.0}
    read = {"type": "pcm_joshi_2020", "g_max": 5e-5}
    assert len([each for each in stages(looked_at({"read": read}, {"effects": ["read"]})) if "all" in each]) == 4


@pytest.mark.parametrize(("aware_of", "shared"), [(["wires"], {"wires"}), ([], set())])
def test_layers_share_what_all_chips_do_or_the_wires_that_they_were_trained_for(
    aware_of: list[str], shared: set[str]
) -> None:
    of = job({**EVERYTHING, "noise": {}}, training={"aware_of": aware_of}).resolved()
    assert shared_by_layers(of.examination(), everything(looks(of.examination()))).effects == shared
    drawn = job(EVERYTHING, training={"aware_of": aware_of}).resolved()
    assert shared_by_layers(drawn.examination(), everything(looks(drawn.examination()))).effects == {"wires", "adc"}


@pytest.mark.parametrize(
    ("training", "evaluation", "expected"),
    [
        ({}, {}, {"adc", "wires"}),
        ({"aware_of": ["wires"]}, {}, {"adc", "wires"}),
        ({"aware_of": []}, {}, {"adc"}),
        # Whoever does not look at the wires does not see them.
        ({}, {"effects": ["adc"]}, {"adc"}),
    ],
)
def test_an_effect_alone_is_with_the_wires_that_the_network_was_trained_for(
    training: Any, evaluation: Any, expected: set[str]
) -> None:
    found = looks(job(EVERYTHING, training=training, evaluation=evaluation).resolved().examination())
    (adc,) = (look for look in found if look.effect == "adc")
    assert adc.condition.effects == expected
    assert stages(looks(job(EVERYTHING, evaluation={"effects": []}).resolved().examination())) == ["programming"]


def test_the_times_are_the_first_an_hour_a_day_and_a_year() -> None:
    assert stages(looked_at({"drift": DRIFT}))[1:5] == ["drift@2", "drift@3600", "drift@86400", "drift@31536000"]
    # Read noise that grows has times too, but is a single rung by itself.
    read = {"type": "pcm_joshi_2020", "g_max": 5e-5}
    assert stages(looked_at({"read": read}))[:4] == ["programming", "read", "all@20", "all@3600"]
    assert looked_at({"read": read})[1].condition.seconds == 20.0


def test_compensated_drift_is_also_looked_at_without_compensation_and_not_on_the_ladder() -> None:
    plain = looked_at({"drift": DRIFT}, {"times": [2.0, 9.0]})
    found = looked_at({"drift": {**DRIFT, "compensation": "per_tile"}}, {"times": [2.0, 9.0]})
    assert stages(found) == stages(plain)
    others = [look for look in found if not look.on_ladder]
    assert [look.stage.text for look in others] == ["drift@2", "drift@9", "all@2", "all@9"]
    assert not any(look.condition.compensated for look in others)
    assert all(look.on_ladder for look in plain)
