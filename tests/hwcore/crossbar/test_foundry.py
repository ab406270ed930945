"""From a description to chips: wires, converters, compensation and time, each where the description has it."""

from typing import Any

import pytest
import torch

from hwcore.converters import adc_full_scale, largest_current
from hwcore.crossbar import Chip, Foundry, array_logits, as_designed, layer_drives
from hwcore.devices import read_sigma
from hwcore.errors import ArrayTooLarge
from hwcore.mapping import Components
from hwcore.spec import Adc, CalibratedRange, ProportionalRead
from hwcore.wires import Wires, layer_transfer
from hwcore.wires import memory as memory_of_wires
from tests.hwcore.crossbar.built_chips import CODES, LSB, NOISE, T0, YEAR, foundry, logits, mapped, share, under
from tests.hwcore.crossbar.small_networks import one_array


def drifting(compensation: str, sigma: float = 0.0) -> dict[str, Any]:
    drift = {"type": "power_law", "exponent": 0.06, "exponent_sigma": sigma, "t0": T0, "compensation": compensation}
    return {"noise": {"drift": drift}}


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_with_wires_the_currents_are_those_of_the_transfer_matrices(layout: Any) -> None:
    of = foundry(lines={"wire_resistance": {"word": 20.0, "bit": 30.0}, "pair_layout": layout})
    for number, effects in ((0, ["wires"]), (3, ["wires", "programming", "stuck_at"])):
        chip, cells = of.chip(number, under(effects)), of.cells(number, under(effects))
        for layer in mapped().layers:
            (pair,), built = cells[layer.name], one_array(chip.layers[layer.name])
            held = Components(pair.pos.g, pair.neg.g)
            expected = layer_transfer(held, layer.array.grid, Wires(20.0, 30.0), layout)
            assert torch.equal(built.g_difference, expected.difference)
            assert share(built.g_difference, held.difference) > 0.01


def test_without_resistance_it_is_the_ideal_array_to_the_bit() -> None:
    of = foundry(lines={"wire_resistance": {"word": 0.0, "bit": 0.0}, "pair_layout": "interleaved"})
    with_wires, without = (of.chip(3, under(effects)) for effects in (["wires", "programming"], ["programming"]))
    for one, other in zip(with_wires.arrays(), without.arrays(), strict=True):
        assert torch.equal(one.g_difference, other.g_difference)


@pytest.mark.parametrize("wired", [False, True])
def test_full_ranges_are_the_largest_currents_of_the_levels(wired: bool) -> None:
    effects = ["adc", "wires"] if wired else ["adc"]
    chip = foundry().chip(0, under(effects))
    activation = mapped().activation_behind("fc1")
    assert activation is not None
    for layer, drive_max in zip(mapped().layers, (1.0, activation.largest_level), strict=True):
        built = one_array(chip.layers[layer.name])
        assert built.converters is not None
        assert drive_max is not None
        for found, (start, stop) in zip(built.converters.full_scale, layer.array.grid.row_blocks, strict=True):
            d = layer.difference[start:stop]
            assert torch.equal(found, largest_current(d, drive_max=drive_max, drive_signed=False))


def test_signed_drives_reach_further() -> None:
    of = foundry("tanh of 2 bits")
    layer, before = of.network["fc2"], of.network.activation_behind("fc1")
    converters = one_array(of.chip(0, under(["adc"])).layers["fc2"]).converters
    assert converters is not None
    assert before is not None
    start, stop = layer.array.grid.row_blocks[0]
    largest = layer.difference[start:stop].abs().sum(0) * before.largest_level
    torch.testing.assert_close(converters.full_scale[0], largest, rtol=1e-12, atol=0)


def test_drives_that_nothing_limits_are_taken_from_the_calibration_images() -> None:
    of = foundry("relu")
    drives = layer_drives(of.network, as_designed(of.network), CODES, LSB)["fc2"]
    converters, layer = one_array(of.chip(0, under(["adc"])).layers["fc2"]).converters, of.network["fc2"]
    assert converters is not None
    start, stop = layer.array.grid.row_blocks[1]
    d = layer.difference[start:stop]
    expected = largest_current(d, drive_max=float(drives.max()), drive_signed=False)
    assert torch.equal(converters.full_scale[1], expected)


@pytest.mark.parametrize("serial", [False, True])
def test_calibrated_ranges_are_those_of_the_currents_that_converters_meet(serial: bool) -> None:
    of = foundry(adc={"bits": 5, "range": {"type": "calibrated", "percentile": 90}}, input={"bit_serial": serial})
    converters, layer = one_array(of.chip(0, under(["adc"])).layers["fc1"]).converters, mapped()["fc1"]
    assert converters is not None
    planes = [(CODES >> k) & 1 for k in range(4)]
    drives = torch.cat(planes).double() if serial else CODES.double() * LSB
    for found, (start, stop) in zip(converters.full_scale, layer.array.grid.row_blocks, strict=True):
        d = layer.difference[start:stop]
        model = Adc(bits=5, range=CalibratedRange(percentile=90))
        currents = drives[:, start:stop] @ d
        expected = adc_full_scale(model, d, drive_max=1.0, drive_signed=False, currents=currents)
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
        assert bool((currents.abs() <= found * (1 + 1e-12)).double().mean(0).sub(0.9).abs().lt(0.1).all())


def test_bit_by_bit_matters_to_converters_alone() -> None:
    at_once, serial = foundry(), foundry(input={"bit_serial": True})
    same, other = ["programming", "wires"], ["programming", "adc"]
    for effects, differs in ((same, False), (other, True)):
        found = array_logits(serial.network, serial.chip(1, under(effects)), CODES, LSB)
        expected = logits(at_once.chip(1, under(effects)))
        assert share(found, expected) > 1e-3 if differs else torch.equal(found, expected)


@pytest.mark.parametrize("compensation", ["per_tile", "per_column"])
@pytest.mark.parametrize("effects", [["drift"], ["drift", "programming"]], ids=str)
def test_a_factor_undoes_what_all_cells_lose_alike(compensation: str, effects: Any) -> None:
    noise = {"noise": {**drifting(compensation)["noise"], "programming": NOISE["programming"]}}
    of = foundry("relu", **noise)
    first, later = (of.chip(2, under(effects, seconds)) for seconds in (T0, YEAR))
    assert share(logits(later, activation="relu"), logits(first, activation="relu")) < 1e-12
    bare = of.chip(2, under(effects, compensated=False))
    assert share(logits(bare, activation="relu"), logits(first, activation="relu")) > 0.1
    factor = one_array(later.layers["fc1"]).factor
    assert factor is not None
    # YEAR^0.06 = 2.819
    torch.testing.assert_close(factor, torch.full_like(factor, YEAR**0.06), rtol=1e-12, atol=0)


def test_columns_that_drift_differently_need_a_factor_each() -> None:
    apart = {}
    for compensation in ("none", "per_tile", "per_column"):
        of = foundry("relu", **drifting(compensation, sigma=0.02))
        first, later = (of.chip(2, under(["drift"], seconds)) for seconds in (T0, YEAR))
        layer, drives = mapped("relu")["fc1"], CODES.double() * LSB
        seen = [one_array(chip.layers["fc1"]).g_difference for chip in (first, later)]
        factor = one_array(later.layers["fc1"]).factor
        apart[compensation] = 0.0
        for block, (start, stop) in enumerate(layer.array.grid.row_blocks):
            before, after = (drives[:, start:stop] @ g[start:stop] for g in seen)
            scaled = after if factor is None else after * factor[block]
            apart[compensation] += float((scaled - before).square().sum())
            if compensation == "per_column":
                torch.testing.assert_close(scaled.abs().mean(0), before.abs().mean(0), rtol=1e-12, atol=0)
            elif compensation == "per_tile":
                for left, right in layer.array.grid.col_blocks:
                    tile = scaled[:, left:right].abs().mean(), before[:, left:right].abs().mean()
                    torch.testing.assert_close(*tile, rtol=1e-12, atol=0)
    assert apart["per_column"] < 0.9 * apart["per_tile"]
    assert apart["per_tile"] < 0.5 * apart["none"]


def test_at_the_first_time_nothing_has_drifted() -> None:
    of = foundry()
    assert torch.equal(logits(of.chip(4, under(["drift"], T0))), logits(as_designed(mapped())))


def test_a_cell_reads_as_noisy_as_what_it_holds() -> None:
    # Sigma of both components of what is there now; a published device is told by where a stuck cell is stuck.
    of = foundry(noise={**NOISE, "read": {"type": "pcm_joshi_2020", "g_max": 5e-5}})
    effects = ["read", "stuck_at", "drift", "programming"]
    chip, cells = of.chip(1, under(effects)), of.cells(1, under(effects))
    model, drift = of.hardware.noise.read, of.hardware.noise.drift
    assert model is not None
    for (pair,), built in zip(cells.values(), chip.arrays(), strict=True):
        sigmas = [
            read_sigma(side.at(YEAR, drift), model, g_target=side.target, g_max=g_max, t=YEAR)
            for side, g_max in zip((pair.pos, pair.neg), (of.network.g_max_pos, of.network.g_max_neg), strict=True)
        ]
        assert built.read_variance is not None
        torch.testing.assert_close(built.read_variance, sigmas[0] ** 2 + sigmas[1] ** 2, rtol=1e-12, atol=0)
    assert chip.reads is not None
    assert of.chip(1, under(["stuck_at"])).reads is None


def test_what_is_known_of_the_cells_is_used_as_it_is() -> None:
    of = foundry()
    cells = of.cells(6, under())
    for seconds in (T0, YEAR):
        expected = logits(of.chip(6, under(seconds=seconds)))
        assert torch.equal(logits(of.chip(6, under(seconds=seconds), cells)), expected)


def test_preparing_changes_nothing() -> None:
    ready = foundry()
    ready.prepare(under().effects)
    assert torch.equal(logits(ready.chip(1, under())), logits(foundry().chip(1, under())))


def test_a_time_before_the_first_is_refused() -> None:
    with pytest.raises(ValueError, match=r"t: got 0\.5 s; allowed: a finite time from 1 s after the write"):
        foundry().chip(0, under(["drift"], 0.5))


@pytest.mark.parametrize("effect", ["programming", "read"])
def test_conductances_that_a_fit_was_not_made_for_are_refused(effect: Any) -> None:
    # A description is refused first; whoever puts one together in another way meets the same words here.
    of = foundry()
    small: dict[str, Any] = {"type": "pcm_joshi_2020", "g_max": 1e-5}
    noise = of.hardware.noise.model_validate({effect: small})
    of = Foundry(
        of.network,
        of.hardware.model_copy(update={"noise": noise}),
        seed=5,
        codes=CODES,
        lsb=LSB,
        trained_through_wires=False,
    )
    with pytest.raises(ValueError, match=r"allowed: 0 to 1e-05 S, the conductances that pcm_joshi_2020 was fitted on"):
        of.chip(0, under([effect]))


def test_effects_that_the_description_does_not_have_do_nothing() -> None:
    of = foundry(noise={}, adc=None, lines={})
    assert torch.equal(logits(of.chip(0, under())), logits(of.chip(1, under([]))))


def test_wires_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_of_wires, "available_memory", lambda: 1000)
    with pytest.raises(ArrayTooLarge, match=r"arrays? of 8 x 5 cells takes .* GB of memory; allowed here: 0\.0 GB"):
        foundry().chip(0, under(["wires"]))


def test_proportional_read_noise_follows_the_drift() -> None:
    of = foundry(**{"noise": {**drifting("none")["noise"], "read": {"type": "proportional", "sigma_ratio": 0.03}}})
    assert of.hardware.noise.read == ProportionalRead(sigma_ratio=0.03)
    chips = (of.chip(0, under(["read", "drift"], seconds)) for seconds in (T0, YEAR))
    first, later = (one_array(chip.layers["fc1"]).read_variance for chip in chips)
    assert first is not None
    assert later is not None
    torch.testing.assert_close(later, first * YEAR**-0.12, rtol=1e-12, atol=0)


def test_a_chip_of_another_layer_s_conditions_can_be_put_together() -> None:
    of = foundry()
    one, other = of.chip(2, under(["programming"])), of.chip(2, under([]))
    mixed = Chip({**one.layers, "fc2": other.layers["fc2"]})
    hidden, last = layer_drives(mapped(), one, CODES, LSB)["fc2"], mapped()["fc2"]
    expected = hidden @ one_array(other.layers["fc2"]).g_difference * last.digital.scale + last.digital.bias
    torch.testing.assert_close(array_logits(mapped(), mixed, CODES, LSB), expected, rtol=1e-9, atol=1e-9)
    assert mixed.layers["fc1"] is one.layers["fc1"]
