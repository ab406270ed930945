"""Whole networks whose drives come in every coding: the same where nothing is rounded, and what differs where it is."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from hwcore.converters import adc_full_scale
from hwcore.crossbar import Foundry, array_logits, layer_current, layer_drives
from hwcore.layers import map_network
from hwcore.mapping import MappedLayer
from hwcore.spec import Adc, Condition, footprint, network_graph
from hwcore.streams import stream
from hwcore.wires import Wires
from hwcore.wires.nodal import nodal
from tests.hwcore.crossbar.coded_networks import (
    CODES,
    CODINGS,
    LINES,
    LSB,
    MODEL,
    apart,
    described,
    foundry,
    logits,
    network,
)
from tests.hwcore.layers.drawn_networks import drawn_graph

every_coding = pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: "-".join(coding.values()))


@every_coding
@pytest.mark.parametrize("bias", ["array_row", "digital"])
def test_without_converters_noise_and_wires_all_codings_are_one(coding: dict[str, str], bias: str) -> None:
    # 3, 12 x 2 and 16 x 2 word lines of signed inputs on arrays of 9: pairs of lines are cut apart.
    plain, coded = foundry(None, bias=bias), foundry(coding, bias=bias)
    assert apart(logits(coded), logits(plain)) < 1e-12
    with torch.no_grad():
        assert apart(logits(coded), network(coded.hardware)(CODES.double() * LSB)) < 1e-12


@every_coding
def test_word_lines_cells_and_conversions_are_counted(coding: dict[str, str]) -> None:
    of = foundry(coding)
    needs = footprint(of.hardware, of.network.graph)
    lines = 2 if coding["signed"] == "pair" else 1
    bits = 3 if coding["coding"] == "bit_serial" else 1
    phases = 2 if coding.get("subtract") == "digital" else 1
    first, *others = needs.layers
    assert (first.rows, first.conversions) == (9 + 1, 4 if coding["coding"] == "bit_serial" else 1)
    assert [each.rows for each in others] == [12 * lines + 1, 16 * lines + 1, 6 * lines + 1]
    assert {each.conversions for each in others} == {bits * phases}
    assert [each.rows for each in needs.layers] == [layer.rows for layer in of.network.layers]
    assert needs.cells == sum(2 * layer.rows * layer.cols for layer in of.network.layers)


def second_lines(layer: MappedLayer) -> list[bool]:
    """Word lines of negative inputs: of every channel those behind the lines of its kernel."""
    area = layer.plan.window.rows // layer.plan.window.channels
    return [row // area % 2 == 1 and row < layer.plan.inputs * 2 for row in range(layer.rows)]


def test_lines_of_a_pair_have_one_polarity_and_the_bias_row_is_one_line() -> None:
    of = foundry({"signed": "pair"})
    drives = layer_drives(of.network, of.reference(wired=False), CODES, LSB)
    for layer in of.network.layers[1:]:
        second = torch.tensor(second_lines(layer))
        assert layer.array.second is not None
        assert torch.equal(layer.array.second, second)
        voltages = layer.array.voltages(drives[layer.name])
        assert float(voltages.min()) >= 0.0
        assert bool((voltages[:, -1] == layer.drive.full_scale).all())
        first, other = (voltages[:, :-1][:, lines] for lines in (~second[:-1], second[:-1]))
        assert float((first * other).abs().max()) == 0.0
        assert float(torch.minimum(first.amax(), other.amax())) > 0.0
        # Every weight is there twice, with its components on the other bit lines.
        pos, neg = layer.array.on_bit_lines(layer.array.pairs.g)
        assert torch.equal(pos[:-1][~second[:-1]], neg[:-1][second[:-1]])
        assert torch.equal(neg[:-1][~second[:-1]], pos[:-1][second[:-1]])


@pytest.mark.parametrize("signed", ["two_phase", "sign_magnitude"])
@pytest.mark.parametrize("coding", ["amplitude", "pulse_width", "bit_serial"])
def test_wires_are_linear_so_phases_and_bits_see_the_same_matrices(coding: str, signed: str) -> None:
    plain, coded = foundry(None, array=LINES), foundry({"coding": coding, "signed": signed}, array=LINES)
    through = logits(plain, "wires")
    assert apart(logits(coded, "wires"), through) < 1e-12
    assert apart(logits(plain), through) > 1e-3


def test_pairs_of_lines_through_wires_are_the_circuit_node_by_node() -> None:
    of = foundry({"signed": "pair"}, array=LINES)
    chip, wires = of.chip(0, Condition.of(["wires"])), Wires(20.0, 30.0, 50.0, 40.0)
    drives = layer_drives(of.network, chip, CODES[:2], LSB)
    for layer in of.network.layers[1:]:
        x, array, found = drives[layer.name], layer.array, chip.layers[layer.name].arrays[0].g_difference
        second = second_lines(layer)
        for name, rows, cols in array.tiles():
            pos, neg = array.pairs.g_pos[rows, cols].clone(), array.pairs.g_neg[rows, cols].clone()
            for row in range(rows.stop - rows.start):
                if second[rows.start + row]:
                    pos[row], neg[row] = neg[row].clone(), pos[row].clone()
            currents = [nodal(g, x[:, rows].abs(), wires).current for g in (pos, neg)]
            assert apart(x[:, rows] @ found[rows, cols], currents[0] - currents[1]) < 1e-9, name


@pytest.mark.parametrize("subtract", ["analog", "digital"])
@pytest.mark.parametrize("range_", [{"type": "full"}, {"type": "calibrated", "percentile": 100.0}])
def test_phases_are_subtracted_before_or_after_the_conversion(subtract: str, range_: dict[str, Any]) -> None:
    model = {"bits": 5, "range": range_}
    of = foundry({"signed": "two_phase", "subtract": subtract}, adc=model, bias="digital")
    chip = of.chip(0, Condition.of(["adc"]))
    drives = layer_drives(of.network, of.reference(wired=False), CODES, LSB)
    layer = of.network["fc1"]
    x, (array,) = drives["fc1"], layer.arrays
    converters = chip.layers["fc1"].arrays[0].converters
    assert converters is not None
    for block, (start, stop) in enumerate(array.grid.row_blocks):
        g, part = array.pairs.g.difference[start:stop], x[:, start:stop]
        phases = [part] if subtract == "analog" else [part.clamp(min=0), -part.clamp(max=0)]
        currents = torch.cat([phase @ g for phase in phases])
        drive_max = layer.drive.full_scale
        signed = subtract == "analog"
        expected = adc_full_scale(
            Adc.model_validate(model), g, drive_max=drive_max, drive_signed=signed, currents=currents
        )
        torch.testing.assert_close(converters.full_scale[block], expected, rtol=1e-12, atol=0)
    assert layer.drive.conversions == (1 if subtract == "analog" else 2)


@every_coding
def test_errors_of_conversions_stay_within_their_bound(coding: dict[str, str]) -> None:
    of = foundry(coding, adc={"bits": 6, "range": {"type": "full"}}, bias="digital")
    chip = of.chip(0, Condition.of(["adc"]))
    drives = layer_drives(of.network, of.reference(wired=False), CODES, LSB)
    for layer in of.network.layers:
        found = chip.layers[layer.name]
        exact = drives[layer.name] @ layer.array.pairs.g.difference
        converters = found.arrays[0].converters
        assert converters is not None
        lsb = converters.full_scale.sum(0) / 31 * (2 if layer.drive.converts_phases else 1)
        error = (layer_current(drives[layer.name], layer, found) - exact).abs()
        assert bool((error <= lsb / 2 * (1 + 1e-7)).all())
        assert float(error.max()) > 0


@every_coding
def test_inputs_of_both_signs_come_in_every_coding(coding: dict[str, str]) -> None:
    # Four bits, one of them the sign; behind relu nothing else has one.
    of = described(coding, activation={"function": "relu", "bits": 3}, adc={"bits": 6, "range": {"type": "full"}})
    graph = replace(network_graph(MODEL, "digits"), signed_inputs=True)
    hard = drawn_graph(of, graph).double().eval()
    codes, lsb = torch.randint(-7, 8, (30, 64), generator=stream(6)).to(torch.int8), 1 / 7
    made = Foundry(map_network(hard), of, seed=5, codes=codes, lsb=lsb, trained_through_wires=False)
    first, *others = made.network.layers
    assert (first.drive.signed, {each.drive.signed for each in others}) == (True, {False})
    assert first.drive.bits == (3 if coding["coding"] == "bit_serial" else None)
    assert first.rows == (19 if coding["signed"] == "pair" else 10)
    found = array_logits(made.network, made.reference(wired=False), codes, lsb)
    with torch.no_grad():
        assert apart(found, hard(codes.double() * lsb)) < 1e-12
    chip = made.chip(0, Condition.of(["adc"]))
    drives = layer_drives(made.network, made.reference(wired=False), codes, lsb)["conv1"]
    built, exact = chip.layers["conv1"], drives @ first.difference
    converters = built.arrays[0].converters
    assert converters is not None
    lsb_of_adc = converters.full_scale.sum(0) / 31 * (2 if first.drive.converts_phases else 1)
    error = (layer_current(drives, first, built) - exact).abs()
    assert bool((error <= lsb_of_adc / 2 * (1 + 1e-7)).all())
    assert float(error.max()) > 0
