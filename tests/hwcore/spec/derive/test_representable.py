"""The weights that a pair of cells can hold: small cases by hand, and laws over random chips."""

import numpy as np
from hypothesis import given, settings

from hwcore.spec import component_tables, parse_hardware, representable
from tests.hwcore.spec.chips import Description, cells, chip, descriptions

FULL_PAIR = {"encoding": "full_pair"}
EXACT = {"rtol": 1e-12, "atol": 1e-20}


def test_sign_select_of_a_symmetric_cell() -> None:
    found = representable(chip({"levels": 3, "g_max": 2e-6}))
    np.testing.assert_allclose(found.value, [-2e-6, -1e-6, 0, 1e-6, 2e-6], **EXACT)
    assert found.code_pos.tolist() == [0, 0, 0, 1, 2]
    assert found.code_neg.tolist() == [2, 1, 0, 0, 0]
    assert found.g_reference == 2e-6
    assert found.zero_representable


def test_sign_select_of_an_asymmetric_cell_cannot_hold_zero() -> None:
    # Positive 1, 4.5, 8 uS and negative 0.8, 3.6, 6.4 uS: at rest the pair is 1 - 0.8 = 0.2 uS.
    cell = {"levels": 3, "g_max": 8e-6, "on_off_ratio": 8, "negative": {"gain": 0.8}}
    found = representable(chip(cell))
    np.testing.assert_allclose(found.value, [-5.4e-6, -2.6e-6, 0.2e-6, 3.7e-6, 7.2e-6], **EXACT)
    assert found.code_pos.tolist() == [0, 0, 0, 1, 2]
    assert found.code_neg.tolist() == [2, 1, 0, 0, 0]
    assert found.g_reference == found.value[-1]
    np.testing.assert_allclose(found.normalized, [-0.75, -2.6 / 7.2, 0.2 / 7.2, 3.7 / 7.2, 1.0], **EXACT)
    assert not found.zero_representable


def test_the_reference_is_the_larger_side_even_when_it_is_the_negative_one() -> None:
    found = representable(chip({"levels": 2, "g_max": 1e-6, "negative": {"gain": 3}}))
    np.testing.assert_allclose(found.value, [-3e-6, 0, 1e-6], **EXACT)
    assert found.g_reference == -found.value[0]
    assert found.normalized[0] == -1


def test_full_pair_of_a_symmetric_cell_keeps_the_pair_that_draws_least() -> None:
    # 0, 1, 2 uS on both sides: nine pairs, five values; zero is (0, 0), not (1, 1) or (2, 2).
    found = representable(chip({"levels": 3, "g_max": 2e-6}, weights=FULL_PAIR))
    np.testing.assert_allclose(found.value, [-2e-6, -1e-6, 0, 1e-6, 2e-6], **EXACT)
    assert found.code_pos.tolist() == [0, 0, 0, 1, 2]
    assert found.code_neg.tolist() == [2, 1, 0, 0, 0]


def test_full_pair_of_an_asymmetric_cell_holds_every_difference() -> None:
    # Positive 0, 4, 6 uS (a table), negative 0, 1, 5 uS: nine distinct differences.
    cell = {
        "spacing": {"type": "table", "conductances": [0, 4e-6, 6e-6]},
        "negative": {"spacing": {"type": "table", "conductances": [0, 1e-6, 5e-6]}},
    }
    found = representable(chip(cell, weights=FULL_PAIR))
    np.testing.assert_allclose(found.value, np.array([-5, -1, 0, 1, 3, 4, 5, 6]) * 1e-6, **EXACT)
    # -1 uS is 0 - 1 (1 uS in all) and not 4 - 5 (9 uS in all); 1 uS is only 6 - 5.
    assert found.code_pos.tolist() == [0, 0, 0, 2, 1, 1, 2, 2]
    assert found.code_neg.tolist() == [2, 1, 0, 2, 1, 0, 1, 0]


def test_full_pair_with_two_levels_and_leaking_cells_cannot_hold_zero() -> None:
    # Positive 1, 4 uS; negative 0.5, 2 uS: 1 - 2, 1 - 0.5, 4 - 2, 4 - 0.5.
    cell = {"levels": 2, "g_max": 4e-6, "on_off_ratio": 4, "negative": {"gain": 0.5}}
    found = representable(chip(cell, weights=FULL_PAIR))
    np.testing.assert_allclose(found.value, [-1e-6, 0.5e-6, 2e-6, 3.5e-6], **EXACT)
    assert not found.zero_representable


def test_bits_off_their_powers_of_two_that_coincide_count_once() -> None:
    # Bits of 1 and 1 uS: codes 1 and 2 conduct the same.
    spacing = {"type": "binary_weighted", "bit_conductances": [1e-6, 1e-6]}
    found = representable(chip({"levels": 4, "spacing": spacing}))
    np.testing.assert_allclose(found.value, np.array([-2, -1, 0, 1, 2]) * 1e-6, **EXACT)


def test_values_within_a_millionth_of_the_span_are_one_in_a_full_pair() -> None:
    # 4.000000004 - 3 and 1 - 0 differ by 4e-10 of the 10 uS that the values span, and 1 - 0 draws less;
    # 4.000000004 - 6 and 1 - 3 likewise.
    cell = {
        "spacing": {"type": "table", "conductances": [0, 1e-6, 4.000000004e-6]},
        "negative": {"spacing": {"type": "table", "conductances": [0, 3e-6, 6e-6]}},
    }
    found = representable(chip(cell, weights=FULL_PAIR))
    np.testing.assert_array_equal(found.code_pos, [0, 1, 0, 1, 0, 1, 2])
    np.testing.assert_array_equal(found.code_neg, [2, 2, 1, 1, 0, 0, 0])
    np.testing.assert_allclose(found.value, np.array([-6, -5, -3, -2, 0, 1, 4.000000004]) * 1e-6, **EXACT)


def test_sign_select_keeps_every_level_however_dense() -> None:
    cell = {"levels": 256, "g_max": 1e-4, "spacing": {"type": "exponential", "curvature": 10}}
    assert len(representable(chip(cell)).value) == 511


def test_full_pair_of_the_largest_cell_is_bounded_by_its_tolerance() -> None:
    cell = {"levels": 256, "g_max": 1e-4, "spacing": {"type": "exponential", "curvature": -10}, "on_off_ratio": 3}
    found = representable(chip(cell, weights=FULL_PAIR))
    assert 511 <= len(found.value) <= 65536
    assert np.diff(found.value).min() >= 1e-6 * np.ptp(found.value) * (1 - 1e-6)


@settings(max_examples=60, deadline=None)
@given(descriptions())
def test_values_increase_and_are_reproduced_exactly_by_their_codes(description: Description) -> None:
    hardware = parse_hardware(description)
    tables, found = component_tables(hardware.cell), representable(hardware)
    assert (np.diff(found.value) > 0).all()
    np.testing.assert_array_equal(found.value, tables.g_pos[found.code_pos] - tables.g_neg[found.code_neg])
    assert found.g_reference == np.abs(found.value).max() > 0
    levels = len(tables.g_pos)
    assert len(found.value) <= (2 * levels - 1 if hardware.weights.encoding == "sign_select" else levels**2)


@settings(max_examples=60, deadline=None)
@given(cells())
def test_in_sign_select_one_side_rests_at_its_lowest_conductance(cell: Description) -> None:
    hardware = chip(cell, weights={"encoding": "sign_select"})
    tables, found = component_tables(hardware.cell), representable(hardware)
    rests = (tables.g_pos[found.code_pos] == tables.g_pos.min()) | (tables.g_neg[found.code_neg] == tables.g_neg.min())
    assert rests.all()


@settings(max_examples=60, deadline=None)
@given(cells(most_levels=8))
def test_every_pair_of_a_full_pair_is_within_the_tolerance_of_a_value_that_is_kept(cell: Description) -> None:
    hardware = chip(cell, weights=FULL_PAIR)
    tables, found = component_tables(hardware.cell), representable(hardware)
    every = (tables.g_pos[:, None] - tables.g_neg[None, :]).ravel()
    distance = np.abs(every[:, None] - found.value[None, :]).min(axis=1)
    assert distance.max() <= 1e-6 * np.ptp(every)
    assert np.diff(found.value).min() >= 1e-6 * np.ptp(every) * (1 - 1e-9)
