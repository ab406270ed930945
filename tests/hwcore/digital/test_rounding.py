"""Quotients and shifts of whole numbers, against exact fractions."""

from collections.abc import Callable
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import get_args

import pytest
import torch

from hwcore.digital import divided, shifted
from hwcore.spec import Rounding

MODES = {"half_away": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_FLOOR}
"""The words of Python's decimal numbers; its "half up" is away from zero."""
every_mode = pytest.mark.parametrize("rounding", get_args(Rounding))
NUMBERS = torch.cat([torch.arange(-40, 41), torch.tensor([2**61, -(2**61), 2**61 - 1, 1 - 2**61])])


def by_decimal(n: int, divisor: int, rounding: Rounding) -> int:
    return int((Decimal(n) / Decimal(divisor)).quantize(Decimal(1), MODES[rounding]))


def test_ties_go_where_the_mode_says() -> None:
    ties = torch.tensor([5, -5, 7, -7])
    expected = {"half_away": [3, -3, 4, -4], "half_even": [2, -2, 4, -4], "down": [2, -3, 3, -4]}
    assert {mode: divided(ties, 2, mode).tolist() for mode in get_args(Rounding)} == expected


@every_mode
@pytest.mark.parametrize("divisor", [1, 2, 3, 4, 9, 49])
def test_quotients_are_those_of_decimal_numbers(divisor: int, rounding: Rounding) -> None:
    small = NUMBERS[:-4]
    assert divided(small, divisor, rounding).tolist() == [by_decimal(n, divisor, rounding) for n in small.tolist()]


@every_mode
@pytest.mark.parametrize("shift", [0, 1, 3, 8, 61, 62])
def test_a_shift_is_a_quotient_by_a_power_of_two(shift: int, rounding: Rounding) -> None:
    found = shifted(NUMBERS, torch.tensor(shift), rounding).tolist()
    rounded: Callable[[Fraction], int] = {
        "half_even": round,
        "down": lambda q: q.__floor__(),
        "half_away": lambda q: (abs(q) + Fraction(1, 2)).__floor__() * (1 if q > 0 else -1),
    }[rounding]
    assert found == [rounded(Fraction(n, 2**shift)) for n in NUMBERS.tolist()]


@every_mode
def test_a_shift_to_the_left_is_exact_and_shifts_may_differ_by_column(rounding: Rounding) -> None:
    n = torch.tensor([[3, 3, 8], [-3, -5, -8]])
    expected = {"half_away": [[12, 3, 2], [-12, -5, -2]]}.get(rounding, [[12, 3, 2], [-12, -5, -2]])
    assert shifted(n, torch.tensor([-2, 0, 2]), rounding).tolist() == expected
