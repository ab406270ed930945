"""The conductance of every code, against values worked out by hand or in 40-digit decimals."""

import numpy as np
import pytest
from hypothesis import given, settings

from hwcore.spec import component_tables, parse_hardware
from tests.hwcore.spec.chips import Description, chip, descriptions

EXACT = {"rtol": 4e-16 * 4, "atol": 0.0}


def close(table: np.ndarray, expected: list[float]) -> None:
    np.testing.assert_allclose(table, expected, **EXACT)


def test_linear_without_off_conductance() -> None:
    tables = component_tables(chip({"levels": 5, "g_max": 8e-6}).cell)
    close(tables.g_pos, [0.0, 2e-6, 4e-6, 6e-6, 8e-6])
    close(tables.g_neg, [0.0, 2e-6, 4e-6, 6e-6, 8e-6])


def test_linear_with_a_finite_ratio() -> None:
    # g_min = 9 uS / 9 = 1 uS, then four steps of 2 uS.
    close(
        component_tables(chip({"levels": 5, "g_max": 9e-6, "on_off_ratio": 9}).cell).g_pos,
        [1e-6, 3e-6, 5e-6, 7e-6, 9e-6],
    )


def test_exponential_with_ratio_and_negative_gain() -> None:
    # g_min = 6.25 uS; (e^(2/3) - 1)/(e^2 - 1) = 0.148337, (e^(4/3) - 1)/(e^2 - 1) = 0.437258.
    spacing = {"type": "exponential", "curvature": 2}
    cell = {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8, "spacing": spacing, "negative": {"gain": 0.8}}
    tables = component_tables(chip(cell).cell)
    expected = [6.25e-6, 1.2739748040102806e-5, 2.5380051215678908e-5, 5e-5]
    close(tables.g_pos, expected)
    close(tables.g_neg, [0.8 * g for g in expected])


@pytest.mark.parametrize(
    ("curvature", "levels", "g_max", "ratio", "expected"),
    [
        (-3, 3, 1e-4, None, [0.0, 8.1757447619364366e-5, 1e-4]),
        (10, 5, 2e-5, 4, [5e-6, 5.0076156123540462e-6, 5.1003927638642728e-6, 6.2306498518288799e-6, 2e-5]),
    ],
)
def test_exponential_against_decimal_arithmetic(
    curvature: float, levels: int, g_max: float, ratio: float | None, expected: list[float]
) -> None:
    # Python's decimal module with 40 digits.
    spacing = {"type": "exponential", "curvature": curvature}
    cell = {"levels": levels, "g_max": g_max, "on_off_ratio": ratio, "spacing": spacing}
    close(component_tables(chip(cell).cell).g_pos, expected)


@pytest.mark.parametrize("curvature", [0, 1e-15, -1e-13, 1e-9])
def test_a_vanishing_curvature_is_linear(curvature: float) -> None:
    cell = {"levels": 7, "g_max": 6e-6, "spacing": {"type": "exponential", "curvature": curvature}}
    expected = np.arange(7) * 1e-6
    np.testing.assert_allclose(component_tables(chip(cell).cell).g_pos, expected, rtol=1e-9, atol=0.0)


def test_binary_weighted_adds_up_its_bits() -> None:
    # 7 uS shared out as 1, 2, 4; a bit that is off conducts a tenth: all off is 0.7 uS.
    cell = {"levels": 8, "g_max": 7e-6, "on_off_ratio": 10, "spacing": {"type": "binary_weighted"}}
    expected = [0.7e-6, 1.6e-6, 2.5e-6, 3.4e-6, 4.3e-6, 5.2e-6, 6.1e-6, 7e-6]
    close(component_tables(chip(cell).cell).g_pos, expected)


def test_binary_weighted_with_bits_off_their_powers_of_two_may_fall_with_the_code() -> None:
    # Bits of 1, 2 and 2.5 uS: code 3 (3 uS) conducts more than code 4 (2.5 uS).
    spacing = {"type": "binary_weighted", "bit_conductances": [1e-6, 2e-6, 2.5e-6]}
    tables = component_tables(chip({"levels": 8, "spacing": spacing}).cell)
    close(tables.g_pos, [0.0, 1e-6, 2e-6, 3e-6, 2.5e-6, 3.5e-6, 4.5e-6, 5.5e-6])


def test_binary_weighted_bits_each_leak_by_the_ratio() -> None:
    # 1.1 and 1.8 uS, off at a quarter: 0.275 and 0.45 uS.
    spacing = {"type": "binary_weighted", "bit_conductances": [1.1e-6, 1.8e-6]}
    tables = component_tables(chip({"levels": 4, "on_off_ratio": 4, "spacing": spacing}).cell)
    close(tables.g_pos, [0.725e-6, 1.55e-6, 2.075e-6, 2.9e-6])


def test_a_measured_table_is_taken_as_it_is_and_its_negative_is_another_one() -> None:
    positive, negative = [1e-6, 2e-6, 7e-6, 8e-6, 2e-5], [0.0, 3e-6, 4e-6, 9e-6, 1.5e-5]
    cell = {
        "spacing": {"type": "table", "conductances": positive},
        "negative": {"gain": 2, "spacing": {"type": "table", "conductances": negative}},
    }
    tables = component_tables(chip(cell).cell)
    close(tables.g_pos, positive)
    close(tables.g_neg, [2 * g for g in negative])


def test_a_formula_beside_a_measured_table_takes_its_ends() -> None:
    cell = {
        "spacing": {"type": "table", "conductances": [2e-6, 3e-6, 1e-5]},
        "negative": {"spacing": {"type": "linear"}},
    }
    close(component_tables(chip(cell).cell).g_neg, [2e-6, 6e-6, 1e-5])


def test_a_formula_beside_a_table_from_zero_does_not_conduct_when_off() -> None:
    cell = {"spacing": {"type": "table", "conductances": [0, 3e-6, 1e-5]}, "negative": {"spacing": {"type": "linear"}}}
    close(component_tables(chip(cell).cell).g_neg, [0.0, 5e-6, 1e-5])


def test_the_negative_component_has_its_own_ratio() -> None:
    cell = {"levels": 3, "g_max": 8e-6, "on_off_ratio": 8, "negative": {"on_off_ratio": 4}}
    tables = component_tables(chip(cell).cell)
    close(tables.g_pos, [1e-6, 4.5e-6, 8e-6])
    close(tables.g_neg, [2e-6, 5e-6, 8e-6])


def test_null_for_the_negative_ratio_means_that_off_cells_do_not_conduct() -> None:
    cell = {"levels": 3, "g_max": 8e-6, "on_off_ratio": 8, "negative": {"on_off_ratio": None}}
    close(component_tables(chip(cell).cell).g_neg, [0.0, 4e-6, 8e-6])


def test_a_formula_beside_measured_bits_has_their_sum_as_g_max() -> None:
    spacing = {"type": "binary_weighted", "bit_conductances": [1e-6, 2e-6]}
    cell = {"levels": 4, "spacing": spacing, "negative": {"spacing": {"type": "linear"}}}
    close(component_tables(chip(cell).cell).g_neg, [0.0, 1e-6, 2e-6, 3e-6])


@settings(max_examples=60, deadline=None)
@given(descriptions())
def test_resolving_a_chip_changes_none_of_its_conductances(description: Description) -> None:
    hardware = parse_hardware(description)
    plain, explicit = component_tables(hardware.cell), component_tables(hardware.resolved().cell)
    np.testing.assert_array_equal(plain.g_pos, explicit.g_pos)
    np.testing.assert_array_equal(plain.g_neg, explicit.g_neg)


@settings(max_examples=60, deadline=None)
@given(descriptions())
def test_a_component_is_finite_not_negative_and_increases_unless_it_is_binary_weighted(
    description: Description,
) -> None:
    hardware = parse_hardware(description)
    cell, tables = hardware.resolved().cell, component_tables(hardware.cell)
    assert cell.levels == len(tables.g_pos) == len(tables.g_neg)
    for table, spacing in ((tables.g_pos, cell.spacing), (tables.g_neg, cell.negative.spacing)):
        assert np.isfinite(table).all()
        assert table.min() >= 0
        assert not isinstance(spacing, str)
        assert spacing.type == "binary_weighted" or (np.diff(table) > 0).all()


@pytest.mark.parametrize("ratio", [1e304, 1.7e308])
def test_a_conductance_that_has_no_resistance_is_none(ratio: float) -> None:
    tables = component_tables(chip({"levels": 2, "g_max": 1e-5, "on_off_ratio": ratio}).cell)
    close(tables.g_pos, [0.0, 1e-5])
    close(tables.g_neg, [0.0, 1e-5])


def test_measured_conductances_as_small_as_a_number_can_be_are_none() -> None:
    spacing = {"type": "table", "conductances": [5e-324, 1e-5]}
    tables = component_tables(chip({"spacing": spacing, "negative": {"gain": 0.5}}).cell)
    close(tables.g_pos, [0.0, 1e-5])
    close(tables.g_neg, [0.0, 5e-6])


def test_the_smallest_conductance_that_counts_is_the_smallest_normal_number() -> None:
    spacing = {"type": "table", "conductances": [2.2250738585072014e-308, 1e-5]}
    assert component_tables(chip({"spacing": spacing}).cell).g_pos[0] == 2.2250738585072014e-308
