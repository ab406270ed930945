"""Conditions are values: the same effects at the same time are the same condition."""

import pytest

from hwcore.spec import EFFECTS, Condition, Effect, parse_hardware


def test_the_order_of_effects_says_nothing() -> None:
    one, two = Condition.of(["read", "wires"], 5.0), Condition.of(("wires", "read", "read"), 5.0)
    assert one == two
    assert {one: "found"}[two] == "found"


def test_time_and_compensation_do() -> None:
    of = Condition.of(["drift"], 5.0)
    assert of != Condition.of(["drift"], 6.0)
    assert of != Condition.of(["drift"], 5.0, compensated=False)
    assert Condition.of(["drift"]).seconds == 0.0


NAMES: tuple[Effect, ...] = ("programming", "stuck_at", "wires", "adc", "read", "drift")


@pytest.mark.parametrize("effect", NAMES)
def test_wires_and_converters_are_the_same_on_all_chips_and_nothing_else_is(effect: Effect) -> None:
    assert Condition.of([effect]).drawn is (effect not in ("wires", "adc"))
    assert Condition.of([effect, "read"]).drawn
    assert EFFECTS[effect].drawn is Condition.of([effect]).drawn
    assert Condition.of([effect, "read"]).alike == {effect} - {"programming", "stuck_at", "read", "drift"}


@pytest.mark.parametrize("effect", NAMES)
def test_a_read_leaves_the_cells_as_they_are_and_so_do_wires_and_converters(effect: Effect) -> None:
    assert Condition.of([effect, "wires"]).cells_drawn is (effect in ("programming", "stuck_at", "drift"))


@pytest.mark.parametrize(
    ("condition", "drifts", "compensation"),
    [
        (Condition.of(["drift"]), True, "per_column"),
        (Condition.of(["drift"], compensated=False), True, "none"),
        (Condition.of(["read"]), False, "none"),
    ],
)
def test_drift_and_its_compensation_are_those_of_the_description_where_the_condition_has_them(
    condition: Condition, drifts: bool, compensation: str
) -> None:
    drift = {"type": "power_law", "exponent": 0.1, "compensation": "per_column"}
    hardware = parse_hardware({"cell": {"levels": 2, "g_max": 1e-5}, "noise": {"drift": drift}})
    assert condition.drift(hardware) == (hardware.noise.drift if drifts else None)
    assert condition.compensation(hardware) == compensation
    assert condition.compensation(parse_hardware({"cell": {"levels": 2, "g_max": 1e-5}})) == "none"


def test_without_effects_chips_are_alike() -> None:
    assert not Condition.of([]).drawn
