"""The outside judge on coded drives: tiles of pairs of word lines, and pulses whose width is the input."""

from typing import Any

import pytest
import torch

from benchmarks import ngspice
from hwcore.crossbar import Foundry, layer_drives
from hwcore.export import netlist
from hwcore.export.netlists import netlists
from hwcore.layers import map_network
from hwcore.mapping import Components
from hwcore.spec import Condition, Hardware, parse_hardware
from hwcore.wires import Wires, pair_transfer
from tests.hwcore.layers.drawn_networks import drawn_codes, drawn_network
from tests.hwcore.wires.drawn_arrays import apart, drawn

pytestmark = pytest.mark.skipif(not ngspice.installed(), reason=ngspice.WHERE)

CELL = {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8, "negative": {"gain": 0.8}}
LINES = {"wire_resistance": {"word": 20.0, "bit": 30.0}, "driver_resistance": 50.0, "sense_resistance": 40.0}
CODES, LSB = drawn_codes(5, 12, seed=1), 1 / 15
BAR = 1e-9
"""Relative, on every current; about 1e-12 is seen."""


def described(layout: str) -> Hardware:
    array: dict[str, Any] = {"rows": 9, "cols": 3, **LINES, "pair_layout": layout, "read_voltage": 0.2}
    periphery = {"activation": {"function": "tanh", "bits": 3}, "input": {"bits": 4}}
    weights = {"bias": "array_row"}
    document = {"cell": CELL, "weights": weights, **periphery, "array": array, "drive": {"signed": "pair"}}
    return parse_hardware(document).resolved()


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_currents_of_pairs_of_word_lines_are_those_of_the_exported_circuit(layout: str) -> None:
    of = described(layout)
    network = map_network(drawn_network(of, (12, 7, 3), "none"))
    chip = Foundry(network, of, seed=5, codes=CODES, lsb=LSB, trained_through_wires=False).chip(
        0, Condition.of(["wires"])
    )
    drives = layer_drives(network, chip, CODES[1:2], LSB)
    texts, layer = dict(netlists(network, of, drives, which="all")), network["fc2"]
    assert layer.rows == 2 * 7 + 1
    seen = chip.layers["fc2"].arrays[0].g_difference
    for name, rows, cols in layer.array.tiles():
        assert "DC -" not in texts[name]
        pos, neg = ngspice.currents(texts[name], cols.stop - cols.start)
        volts = drives["fc2"][0] * (0.2 / layer.drive.full_scale)
        # Differences of two currents: against the larger of them.
        error = (pos - neg - volts[rows] @ seen[rows, cols]).abs() / torch.maximum(pos.abs(), neg.abs())
        assert float(error.max()) < BAR


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_charge_of_pulses_with_idle_lines_at_ground_is_that_of_amplitudes(layout: Any) -> None:
    # Two bits: pulses of 0 to 3 ticks. In every tick a line is at the read voltage or at 0 V.
    g, wires = Components(drawn(6, 3), drawn(6, 3, seed=1)), Wires(20.0, 30.0, 50.0, 40.0)
    ticks, volt = torch.tensor([3, 0, 1, 2, 2, 1]), 0.2
    charge = [torch.zeros(3, dtype=torch.float64) for _ in range(2)]
    for tick in range(3):
        drive = volt * (ticks > tick).double()
        for total, current in zip(charge, ngspice.currents(netlist(g, drive, wires, layout), 3), strict=True):
            total += current / 3
    amplitude = volt * ticks.double() / 3
    for found, matrix in zip(charge, pair_transfer(g, wires, layout), strict=True):
        assert apart(amplitude @ matrix, found) < BAR


def test_lines_that_float_while_they_are_idle_are_another_circuit() -> None:
    # A line without a source is at the potential that its cells give it: it is no row of the transfer matrix.
    g, wires = Components(drawn(4, 3), drawn(4, 3, seed=1)), Wires(20.0, 30.0, 50.0, 40.0)
    drive = torch.tensor([0.2, 0.2, 0.0, 0.0], dtype=torch.float64)
    text = netlist(g, drive, wires)
    floating = "\n".join(line for line in text.splitlines() if not line.startswith(("Vin_2 ", "Vin_3 ")))
    grounded, open_ended = (ngspice.currents(each, 3)[0] for each in (text, floating + "\n"))
    assert apart(open_ended, grounded) > 1e-4
