"""Drives of word lines: the DAC in front, and what an activation leaves for the layer behind it."""

import pytest

from hwcore.spec import Drive, chain_drives, coded_drive, dense_graph, drive_after, graph_drives, input_drive
from tests.hwcore.spec.chips import chip

CELL = {"levels": 2, "g_max": 1e-5}


def test_codes_of_the_dac_go_from_zero_to_one_at_once_or_bit_by_bit() -> None:
    at_once = input_drive(chip(CELL, input={"bits": 4}))
    assert at_once == Drive(limit=1.0, signed=False, bits=None)
    assert (at_once.full_scale, at_once.cycles) == (1.0, 1)
    serial = input_drive(chip(CELL, input={"bits": 4, "bit_serial": True}))
    assert serial == Drive(limit=1.0, signed=False, bits=4)
    assert serial.cycles == 4


@pytest.mark.parametrize(
    ("function", "largest", "limit", "signed"),
    [
        ("relu", 2.5, 2.5, False),
        ("relu", None, None, False),
        ("sigmoid", 0.75, 0.75, False),
        ("sigmoid", None, 1.0, False),
        ("tanh", 0.5, 0.5, True),
        ("tanh", None, 1.0, True),
    ],
)
def test_an_activation_limits_what_comes_after_it(
    function: str, largest: float | None, limit: float | None, signed: bool
) -> None:
    drive = drive_after(function, largest)
    assert drive == Drive(limit, signed)
    assert drive.full_scale == (1.0 if limit is None else limit)
    assert drive.cycles == 1


def test_of_a_chain_the_first_layer_alone_has_the_inputs() -> None:
    hardware = chip(CELL, activation={"function": "tanh", "bits": 2}, input={"bits": 3, "bit_serial": True})
    assert chain_drives(hardware, [0.5, 2.0]) == (Drive(1.0, bits=3), Drive(0.5, signed=True), Drive(2.0, signed=True))
    assert chain_drives(hardware, []) == (Drive(1.0, bits=3),)


@pytest.mark.parametrize(
    ("coding", "phases", "cycles", "conversions", "lines", "both"),
    [
        ({}, 1, 1, 1, 1, True),
        ({"coding": "pulse_width"}, 1, 1, 1, 1, True),
        ({"coding": "bit_serial"}, 1, 3, 3, 1, True),
        ({"signed": "two_phase"}, 2, 2, 1, 1, True),
        ({"signed": "two_phase", "subtract": "digital"}, 2, 2, 2, 1, False),
        ({"coding": "bit_serial", "signed": "two_phase"}, 2, 6, 3, 1, True),
        ({"coding": "bit_serial", "signed": "two_phase", "subtract": "digital"}, 2, 6, 6, 1, False),
        ({"signed": "pair"}, 1, 1, 1, 2, False),
        ({"coding": "bit_serial", "signed": "pair"}, 1, 3, 3, 2, False),
    ],
)
def test_products_conversions_and_word_lines_of_signed_inputs(
    coding: dict[str, str], phases: int, cycles: int, conversions: int, lines: int, both: bool
) -> None:
    of = chip(CELL, activation={"function": "tanh", "bits": 3}, input={"bits": 4}, drive=coding)
    first, signed = graph_drives(dense_graph((4, 3, 2)), of).values()
    found = (signed.phases, signed.cycles, signed.conversions, signed.lines, signed.converts_both_signs)
    assert found == (phases, cycles, conversions, lines, both)
    # Inputs without a sign come as always.
    bits = 4 if coding.get("coding") == "bit_serial" else 1
    assert (first.phases, first.cycles, first.conversions, first.lines) == (1, bits, bits, 1)
    assert not first.converts_both_signs


def test_of_signed_inputs_one_bit_is_the_sign() -> None:
    of = chip(CELL, activation={"bits": 3}, input={"bits": 8}, drive={"coding": "bit_serial"})
    assert input_drive(of, signed=True) == Drive(1.0, signed=True, bits=7)
    assert input_drive(of) == Drive(1.0, bits=8)
    assert coded_drive(of, 0.5, signed=True, bits=None, first=False) == Drive(0.5, signed=True)
