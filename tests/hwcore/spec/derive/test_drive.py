"""Drives of word lines: the DAC in front, and what an activation leaves for the layer behind it."""

import pytest

from hwcore.spec import Drive, chain_drives, drive_after, input_drive
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
