"""Resistances: what is taken and what is refused."""

import math

import pytest

from hwcore.wires import Wires

NAMES = ("r_word", "r_bit", "r_driver", "r_sense")


def test_nothing_said_is_ideal() -> None:
    assert Wires().ideal
    assert Wires(0.0, 0.0, 0.0, 0.0) == Wires()


@pytest.mark.parametrize("name", NAMES)
def test_any_resistance_is_not_ideal(name: str) -> None:
    assert not Wires(**{name: 5e-324}).ideal


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-1.0, -5e-324, 1.1e6, math.inf, -math.inf, math.nan])
def test_what_is_no_resistance_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name}: got .*; allowed: a resistance from 0 to 1e\\+06 ohm"):
        Wires(**{name: value})


def test_turned_twice_is_as_before() -> None:
    wires = Wires(1.0, 2.0, 3.0, 4.0)
    assert wires.turned == Wires(2.0, 1.0, 4.0, 3.0)
    assert wires.turned.turned == wires
    assert (wires.first_word, wires.last_bit) == (4.0, 6.0)
