"""Effects of a chip under every coding of signed drives: noise of conversions, errors of cells, calibration."""

from typing import Any

import pytest
import torch

from hwcore.converters import coded_drives
from hwcore.crossbar import ChipArray, ChipLayer, ReadDraws, layer_current, layer_drives
from hwcore.spec import Condition
from hwcore.streams import stream
from tests.hwcore.crossbar.coded_networks import CODES, CODINGS, LINES, LSB, apart, foundry, logits

every_coding = pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: "-".join(coding.values()))
DRIFT = {"type": "power_law", "exponent": 0.05, "exponent_sigma": 0.02, "t0": 1.0, "compensation": "per_tile"}
NOISE: dict[str, Any] = {
    "programming": {"type": "additive", "sigma_ratio": 0.03},
    "stuck_at": {"stuck_on": 0.03, "stuck_off": 0.05},
    "drift": DRIFT,
    "read": {"type": "proportional", "sigma_ratio": 0.05},
}


@every_coding
def test_noise_of_conversions_adds_up_as_they_do(coding: dict[str, str]) -> None:
    of = foundry(coding)
    layer = of.network["fc1"]
    drive = layer_drives(of.network, of.reference(wired=False), CODES, LSB)["fc1"][2:3]
    variance = torch.rand(layer.rows, layer.cols, dtype=torch.float64, generator=stream(3)) * 1e-12
    quiet, noisy = (ChipLayer((ChipArray(layer.difference, read_variance=each),)) for each in (None, variance))
    many = drive.expand(20_000, -1)
    error = layer_current(many, layer, noisy, reads=ReadDraws(stream(4))) - layer_current(drive, layer, quiet)
    bits = layer.drive.bits or 1
    met = list(coded_drives(drive, layer.drive))
    assert len(met) == layer.drive.conversions
    expected = sum(factor**2 * (plane.square() @ variance) for factor, plane in met) / (2**bits - 1) ** 2
    assert float((error.mean(0).abs() / error.std(0)).max()) < 4.5 / len(many) ** 0.5
    torch.testing.assert_close(error.var(0), expected[0], rtol=5 * (2 / len(many)) ** 0.5, atol=0)
    if layer.drive.bits is None:
        # Every line takes part in one read, whatever is read apart.
        torch.testing.assert_close(expected, drive.square() @ variance, rtol=1e-12, atol=0)


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_a_chip_with_pairs_of_lines_has_every_effect_and_without_any_is_as_designed(layout: str) -> None:
    lines = {**LINES, "pair_layout": layout}
    of = foundry({"signed": "pair"}, array=lines, noise=NOISE, adc={"bits": 7})
    designed = logits(of, "wires")
    effects = ("programming", "stuck_at", "drift", "wires", "read", "adc")
    chips = [of.chip(number, Condition.of(effects, 1e6, compensated=True)) for number in range(2)]
    drawn = [logits(of, *effects[:2])]
    assert apart(drawn[0], designed) > 1e-3
    first, second = (chip.layers["fc1"].arrays[0] for chip in chips)
    assert not torch.equal(first.g_difference, second.g_difference)
    # The two lines of an input have cells of their own: they err apart.
    layer = of.network["fc1"]
    assert layer.array.second is not None
    error = of.chip(0, Condition.of(["programming"])).layers["fc1"].arrays[0].g_difference - layer.difference
    lines_of = [error[:-1][each[:-1]] for each in (~layer.array.second, layer.array.second)]
    assert float((lines_of[0] - lines_of[1]).abs().min()) > 0.0
    silent = {
        "programming": {"type": "additive", "sigma_ratio": 0.0},
        "read": {"type": "proportional", "sigma_ratio": 0},
    }
    off = foundry({"signed": "pair"}, array=lines, noise={**silent, "read": {**silent["read"], "sigma_ratio": 0.0}})
    assert apart(logits(off, "programming", "read", "wires"), designed) < 1e-12


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_outputs_feel_the_cells_of_both_lines_as_the_circuit_does(layout: str) -> None:
    # a_ij^2 = E[(dI_j / dg_ij)^2] / E[V_i^2], found by moving one cell after the other.
    of = foundry({"signed": "pair"}, array={**LINES, "pair_layout": layout}, bias="digital")
    layer = of.network["fc2"]
    drives = layer_drives(of.network, of.reference(wired=True), CODES, LSB)["fc2"]
    found, shared = of.shared.sensitivity()["fc2"][0], of.shared
    square = drives.square().mean(0)
    g, step = layer.array.pairs.g, 1e-9
    often = (square > 0.5 * square.mean()).nonzero().flatten().tolist()
    assert len({row % 2 for row in often}) == 2
    for side in ("pos", "neg"):
        for col, row in enumerate(often[:6]):
            moved = {name: getattr(g, name).clone() for name in ("pos", "neg")}
            moved[side][row, col] += step
            seen = shared.arriving(layer.array, type(g)(**moved)) - shared.arriving(layer.array, g)
            felt = (drives @ seen[:, col] / step).square().mean().div(square[row]).sqrt()
            assert float(getattr(found, side)[row, col]) == pytest.approx(float(felt), rel=0.006)


@pytest.mark.parametrize("signed", ["pair", "two_phase"])
def test_calibration_meets_the_designed_currents_through_every_conversion(signed: str) -> None:
    subtract = {"subtract": "digital"} if signed == "two_phase" else {}
    parts: dict[str, Any] = {"noise": {"programming": NOISE["programming"]}, "adc": {"bits": 8}}
    coding = {"coding": "bit_serial", "signed": signed, **subtract}
    plain, calibrated = (foundry(coding, **parts, calibration=each) for each in ("none", "per_column"))
    designed = logits(plain)
    off = [apart(logits(of, "programming", "adc"), designed) for of in (plain, calibrated)]
    assert off[1] < off[0]
