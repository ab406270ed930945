"""Recurrent arrays of chips: drives step after step, codings, wires, converters, and calibration."""

import itertools
from typing import Any

import pytest
import torch

from hwcore.crossbar import Foundry, array_logits, layer_drives
from hwcore.crossbar.recurrence import Recurrence
from hwcore.layers import map_network, wired_weights
from hwcore.mapping import MappedActivation
from hwcore.spec import Condition, Lstm
from tests.hwcore.crossbar.coded_networks import LINES, LSB, apart, described
from tests.hwcore.layers.drawn_networks import drawn_codes, drawn_graph
from tests.hwcore.layers.test_lstm import CHANNELS, LENGTH, UNITS, graph

CODES = drawn_codes(40, CHANNELS * LENGTH)


def foundry(coding: dict[str, str] | None = None, **parts: Any) -> Foundry:
    of = described(coding, **parts)
    network = map_network(drawn_graph(of, graph(2)).double())
    return Foundry(network, of, seed=5, codes=CODES, lsb=LSB, trained_through_wires=False)


def logits(of: Foundry, *effects: Any) -> torch.Tensor:
    return array_logits(of.network, of.chip(0, Condition.of(effects)), CODES, LSB)


def test_the_drives_of_a_step_are_its_inputs_the_state_before_it_and_the_bias_row() -> None:
    of = foundry()
    drives = layer_drives(of.network, of.reference(wired=False), CODES, LSB)
    x = (CODES.double() * LSB).reshape(-1, CHANNELS, LENGTH)
    by_step = drives["lstm1"].reshape(LENGTH, len(CODES), -1)
    assert torch.equal(by_step[:, :, :CHANNELS], x.movedim(2, 0))
    assert bool((by_step[0, :, CHANNELS:-1] == 0).all())
    assert bool((by_step[:, :, -1] == of.network["lstm1"].drive.full_scale).all())
    # The second layer reads the states of the first, each a step before the first does itself.
    second = drives["lstm2"].reshape(LENGTH, len(CODES), -1)
    assert torch.equal(second[:-1, :, :UNITS], by_step[1:, :, CHANNELS:-1])
    assert len(drives["fc1"]) == len(CODES)


@pytest.mark.parametrize("coding", [{"signed": "two_phase"}, {"signed": "pair"}, {"coding": "pulse_width"}], ids=str)
@pytest.mark.parametrize("bias", ["array_row", "digital"])
def test_all_codings_are_one_without_effects_and_in_linear_wires(coding: dict[str, str], bias: str) -> None:
    plain, coded = foundry(bias=bias, array=LINES), foundry(coding, bias=bias, array=LINES)
    assert apart(logits(coded), logits(plain)) < 1e-12
    if coding.get("signed") != "pair":
        assert apart(logits(coded, "wires"), logits(plain, "wires")) < 1e-12


def test_through_wires_the_hard_network_is_the_chip() -> None:
    of = foundry(array=LINES)
    network = drawn_graph(of.hardware, graph(2)).double()
    with torch.no_grad(), wired_weights(network, of.hardware):
        expected = network(CODES.double() * LSB)
    assert apart(logits(of, "wires"), expected) < 1e-9
    assert apart(logits(of), expected) > 1e-6


def test_fine_converters_change_little_and_count_what_they_clip() -> None:
    of = foundry(adc={"bits": 14, "range": {"type": "full"}}, activation={"function": "tanh"})
    assert 0 < apart(logits(of, "adc"), logits(of)) < 1e-2
    coarse = foundry(adc={"bits": 4, "range": {"type": "calibrated", "percentile": 50.0}})
    chip = coarse.chip(0, Condition.of(["adc"]))
    clipped = {
        layer.name: [torch.zeros(len(each.grid.row_blocks), layer.cols, dtype=torch.int64) for each in layer.arrays]
        for layer in coarse.network.layers
    }
    array_logits(coarse.network, chip, CODES, LSB, clipped=clipped)
    assert all(int(counts.sum()) > 0 for each in clipped.values() for counts in each)


def test_read_noise_is_drawn_for_every_product_and_is_the_same_for_the_same_seed() -> None:
    of = foundry(noise={"read": {"type": "additive", "sigma_ratio": 0.02}}, activation={"function": "tanh"})
    first, again = logits(of, "read"), logits(of, "read")
    assert torch.equal(first, again)
    assert apart(first, logits(of)) > 1e-4


def test_a_calibrated_chip_is_closer_to_the_designed_one() -> None:
    noise = {"programming": {"type": "proportional", "sigma_ratio": 0.1}}
    parts: dict[str, Any] = {"noise": noise, "activation": {"function": "tanh"}}
    plain, calibrated = foundry(**parts), foundry(**parts, calibration="per_column")
    designed = logits(plain)
    errors = [[], []]  # type: list[list[float]]
    for number, (of, found) in itertools.product(range(6), zip((plain, calibrated), errors, strict=True)):
        chip = of.chip(number, Condition.of(["programming"]))
        found.append(apart(array_logits(of.network, chip, CODES, LSB), designed))
    assert sum(errors[1]) < 0.8 * sum(errors[0])


def test_the_next_step_waits_for_the_currents_of_the_one_before() -> None:
    network = foundry().network
    operation, state = network.graph["lstm1"].operation, network.nodes["lstm1"]
    assert isinstance(operation, Lstm)
    assert isinstance(state, MappedActivation)
    steps = Recurrence([torch.zeros(2, CHANNELS, LENGTH)], operation, network["lstm1"], state)
    next(steps)
    with pytest.raises(RuntimeError, match="lstm1: got no currents; allowed: those of each step before the next"):
        next(steps)
