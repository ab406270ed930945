"""A gain and an offset for every column, from what a chip gives for known images."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch

from hwcore.crossbar import (
    Chip,
    ChipCache,
    ColumnCalibration,
    Foundry,
    OneLayer,
    as_designed,
    calibrate,
    designed_currents,
    fit_columns,
    layer_current,
    layer_drives,
)
from hwcore.crossbar import calibration as calibration_module
from hwcore.crossbar.calibration import FEWEST_PRODUCTS
from hwcore.crossbar.walk import layer_output
from hwcore.digital import activated
from hwcore.layers import map_network
from hwcore.spec import Effect, LayerPlan, Pool, Window, chain_graph, dense_plan, present_effects
from tests.hwcore.crossbar.built_chips import (
    CELL,
    CODES,
    LSB,
    NOISE,
    T0,
    YEAR,
    foundry,
    hardware,
    logits,
    mapped,
    share,
    under,
)
from tests.hwcore.crossbar.small_networks import of_one_array, one_array
from tests.hwcore.layers.drawn_networks import described, drawn_codes, drawn_graph

DESIGNED = designed_currents(mapped(), as_designed(mapped()), CODES, LSB)
PER_COLUMN: dict[str, Any] = {"calibration": "per_column"}
PRESENT = present_effects(hardware())
"""Effects that the chips here have."""
MAPS = Window.of(1, (9, 8), 3, padding=1)
CONVOLUTIONS = chain_graph(
    (LayerPlan("conv1", "conv", 4, MAPS), *dense_plan((4 * 4 * 4, 6))), pools={"conv1": Pool(type="max", size=2)}
)
"""72 products of 9 x 4 an image, and one of 64 x 6."""


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def calibrations(chip: Chip) -> list[torch.Tensor]:
    found = [layer.calibration for layer in chip.layers.values()]
    return [tensor for each in found if each is not None for tensor in (each.gain, each.offset)]


def differences(chip: Chip) -> dict[str, torch.Tensor]:
    return {name: one_array(layer).g_difference for name, layer in chip.layers.items()}


def same(one: Chip, other: Chip) -> bool:
    pairs = zip(calibrations(one), calibrations(other), strict=True)
    return len(calibrations(one)) == 2 * len(one.layers) and all(torch.equal(*pair) for pair in pairs)


def test_a_gain_and_an_offset_are_found_again() -> None:
    designed = drawn(50, 4)
    gain = torch.tensor([0.5, 2.0, -1.5, 1e-3], dtype=torch.float64)
    offset = torch.tensor([0.0, 3.0, -2.0, 40.0], dtype=torch.float64)
    found = fit_columns((designed - offset) / gain, designed)
    torch.testing.assert_close(found.gain, gain, rtol=1e-9, atol=0)
    torch.testing.assert_close(found.offset, offset, rtol=1e-9, atol=1e-9)


def test_no_other_gain_and_offset_come_closer() -> None:
    designed = drawn(200, 3)
    measured = 0.7 * designed + 0.4 * drawn(200, 3, seed=1) + 0.1
    found = fit_columns(measured, designed)

    def error(gain: torch.Tensor, offset: torch.Tensor) -> torch.Tensor:
        return (measured * gain + offset - designed).square().sum(0)

    least = error(found.gain, found.offset)
    for gain, offset in ((1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)):
        assert bool((error(found.gain + gain, found.offset + offset) > least).all())
    # What is noise is shrunk: the gain is below the one that would bring back the size of the signal.
    assert bool((found.gain < 1 / 0.7).all())


@pytest.mark.parametrize("stuck_at", [0.0, 1e-6, 3.0, -2e9])
def test_a_column_that_does_not_move_keeps_its_gain_and_has_its_mean_set_right(stuck_at: float) -> None:
    designed = drawn(40, 1) + 5
    # Not the same to the last bit, as sums of many cells would be.
    measured = torch.full_like(designed, stuck_at) * (1 + 1e-15 * drawn(40, 1, seed=2))
    found = fit_columns(measured, designed)
    assert found.gain.tolist() == [1.0]
    assert float((measured + found.offset).mean()) == pytest.approx(float(designed.mean()), rel=1e-6)


def test_where_neither_moves_nothing_happens() -> None:
    nothing = torch.zeros(2 * FEWEST_PRODUCTS, 2, dtype=torch.float64)
    found = fit_columns(nothing, nothing)
    assert (found.gain.tolist(), found.offset.tolist()) == ([1.0, 1.0], [0.0, 0.0])


def test_columns_that_err_by_a_gain_are_as_designed_again() -> None:
    gains = {layer.name: drawn(layer.cols, seed=number).exp() for number, layer in enumerate(mapped().layers)}
    designed = as_designed(mapped())
    chip = Chip({name: of_one_array(differences(designed)[name] * gain) for name, gain in gains.items()})
    found = calibrate(mapped(), chip, CODES, LSB, DESIGNED)
    for name, gain in gains.items():
        torch.testing.assert_close(found[name].gain, 1 / gain, rtol=1e-9, atol=0)
    whole = _with(chip, found)
    assert share(logits(whole), logits(designed)) < 1e-9
    assert share(logits(chip), logits(designed)) > 0.1
    # A calibration that it has does not change what it is calibrated to.
    again = calibrate(mapped(), whole, CODES, LSB, DESIGNED)
    for name in gains:
        assert torch.equal(found[name].gain, again[name].gain)


def test_a_layer_is_calibrated_on_what_the_calibrated_ones_before_it_give() -> None:
    chip = foundry().chip(6, under(["programming"], T0))
    first, second = calibrate(mapped(), chip, CODES, LSB, DESIGNED).values()
    drives, (g_first, g_second) = CODES.double() * LSB, differences(chip).values()
    expected = fit_columns(drives @ g_first, DESIGNED["fc1"])
    torch.testing.assert_close(first.gain, expected.gain, rtol=1e-12, atol=0)
    activation = mapped().activation_behind("fc1")
    assert activation is not None
    hidden = activated(layer_output(first(drives @ g_first), mapped()["fc1"]), activation)
    expected = fit_columns(hidden @ g_second, DESIGNED["fc2"])
    torch.testing.assert_close(second.gain, expected.gain, rtol=1e-12, atol=0)
    torch.testing.assert_close(second.offset, expected.offset, rtol=1e-9, atol=1e-18)
    # Neither what the design gives, nor what the first layer gives before it is calibrated.
    uncalibrated = activated(layer_output(drives @ g_first, mapped()["fc1"]), activation)
    for other in (layer_drives(mapped(), as_designed(mapped()), CODES, LSB)["fc2"], uncalibrated):
        found = fit_columns(other @ g_second, DESIGNED["fc2"])
        assert bool(((found.gain - second.gain).abs() > 1e-3).any())


@pytest.mark.parametrize("images", [1, 2, 3, FEWEST_PRODUCTS - 1])
def test_of_a_handful_of_products_there_is_no_gain(images: int) -> None:
    # Two products would be met exactly, and every other one missed.
    measured, designed = drawn(images, 3), drawn(images, 3, seed=1)
    found = fit_columns(measured, designed)
    assert found.gain.tolist() == [1.0] * 3
    torch.testing.assert_close((measured + found.offset).mean(0), designed.mean(0))
    assert fit_columns(drawn(FEWEST_PRODUCTS, 3), drawn(FEWEST_PRODUCTS, 3, seed=1)).gain.tolist() != [1.0] * 3


def test_a_convolution_sees_all_images_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    of = described(CELL, "relu of 2 bits", {}, noise=NOISE)
    network = map_network(drawn_graph(of, CONVOLUTIONS))
    images = drawn_codes(60, 72, seed=3)
    foundry_of = Foundry(
        network,
        of.model_copy(update={"calibration": "per_column"}),
        seed=2,
        codes=images,
        lsb=LSB,
        trained_through_wires=False,
    )
    whole = foundry_of.chip(1, under(["programming"], T0))
    designed = designed_currents(network, as_designed(network), images, LSB)
    assert [len(currents) for currents in designed.values()] == [60 * layer.plan.positions for layer in network.layers]
    monkeypatch.setattr(calibration_module, "simulated_at_once", lambda _: 7)
    again = calibrate(network, whole, images, LSB, designed)
    for name, other in again.items():
        one = whole.layers[name]
        assert one.calibration is not None
        torch.testing.assert_close(one.calibration.gain, other.gain, rtol=1e-9, atol=0)
        torch.testing.assert_close(one.calibration.offset, other.offset, rtol=1e-9, atol=1e-18)
    # Where a layer has too many currents there are fewer images, and for all layers the same ones.
    monkeypatch.setattr(calibration_module, "FEWEST_IMAGES", 1)
    monkeypatch.setattr(
        calibration_module, "MOST_CURRENTS", 30 * len(designed["conv1"]) // 60 * designed["conv1"].shape[1]
    )
    fewer = designed_currents(network, as_designed(network), images, LSB)
    assert [len(currents) for currents in fewer.values()] == [30 * layer.plan.positions for layer in network.layers]
    found = calibrate(network, whole, images, LSB, fewer)
    expected = calibrate(
        network, whole, images[:30], LSB, designed_currents(network, as_designed(network), images[:30], LSB)
    )
    for name in designed:
        assert torch.equal(found[name].gain, expected[name].gain)
    # But never so few that a dense layer has next to no products.
    monkeypatch.setattr(calibration_module, "FEWEST_IMAGES", 40)
    assert len(designed_currents(network, as_designed(network), images, LSB)["fc1"]) == 40


def test_a_chip_as_designed_is_not_calibrated() -> None:
    chip = foundry(**PER_COLUMN).chip(3, under([]))
    assert [layer.calibration for layer in chip.layers.values()] == [None, None]
    assert torch.equal(logits(chip), logits(as_designed(mapped())))


@pytest.mark.parametrize("effects", [*([each] for each in PRESENT), list(PRESENT)], ids=str)
def test_every_effect_costs_less(effects: list[Effect]) -> None:
    # Of the calibration images, right after the write: what is minimised there.
    def error(**parts: Any) -> float:
        of = foundry("relu", **parts, noise={**NOISE, "drift": {**NOISE["drift"], "compensation": "none"}})
        seconds = YEAR if effects == ["drift"] else T0
        found = [logits(of.chip(number, under(effects, seconds)), activation="relu") for number in range(5)]
        wanted = logits(as_designed(mapped("relu")), activation="relu")
        return sum(float((each - wanted).square().sum()) for each in found)

    if effects in (["drift"], ["read"]):
        # Drift has done nothing yet when a chip is calibrated, and the noise of reads is the mean of many.
        assert error(**PER_COLUMN) == pytest.approx(error(), rel=1e-9)
    else:
        assert error(**PER_COLUMN) < error()


@pytest.mark.parametrize("effects", [*([each] for each in PRESENT), list(PRESENT)], ids=str)
def test_once_after_the_write_and_for_good(effects: list[Effect]) -> None:
    of, cache = foundry(**PER_COLUMN), ChipCache()
    cells = of.cells(4, under(effects))
    later = of.chip(4, under(effects, YEAR), cells, cache=cache)
    uncompensated = of.chip(4, under(effects, YEAR, compensated=False), cells, cache=cache)
    alone = [of.chip(4, under(effects, seconds)) for seconds in (T0, YEAR)]
    for other in (uncompensated, *alone):
        assert same(later, other)
    # And not that of another chip, where cells differ from chip to chip when they are written.
    assert same(later, of.chip(5, under(effects))) is not bool({"programming", "stuck_at"} & set(effects))


def _with(chip: Chip, found: Mapping[str, ColumnCalibration]) -> Chip:
    return Chip({name: replace(layer, calibration=found[name]) for name, layer in chip.layers.items()})


@pytest.mark.parametrize("seconds", [T0, YEAR])
def test_a_layer_alone_is_calibrated_in_the_chip_that_it_is_in(seconds: float) -> None:
    of, there = foundry(**PER_COLUMN), under(["programming", "drift", "stuck_at"], seconds)
    others, cache = of.chip(0, under([])), ChipCache()
    whole, first = of.chip(2, there), of.chip(2, under(there.effects, T0))
    for name, other in (("fc1", "fc2"), ("fc2", "fc1")):
        chip = of.chip(2, there, cache=cache, alone=OneLayer(name, others))
        assert list(chip.layers) == ["fc1", "fc2"]
        assert torch.equal(differences(chip)[other], differences(others)[other])
        assert torch.equal(differences(chip)[name], differences(whole)[name])
        mixed = {**differences(others), name: differences(first)[name]}
        bare = Chip({each: of_one_array(g) for each, g in mixed.items()})
        assert same(chip, _with(bare, calibrate(mapped(), bare, CODES, LSB, DESIGNED)))


def test_a_network_for_its_wires_is_calibrated_to_the_chip_that_has_them() -> None:
    wired = under(["wires"], T0)
    without, through = (foundry(**PER_COLUMN, through_wires=knew) for knew in (False, True))
    for gain, offset in zip(*[iter(calibrations(through.chip(0, wired)))] * 2, strict=True):
        torch.testing.assert_close(gain, torch.ones_like(gain), rtol=1e-9, atol=0)
        torch.testing.assert_close(offset, torch.zeros_like(offset), rtol=0, atol=1e-12)
    # Wires take from every column: without them in mind they are made up for.
    assert bool((calibrations(without.chip(0, wired))[0] > 1.01).all())


def test_bit_serial_converters_are_measured_as_they_are_used() -> None:
    of = foundry(**PER_COLUMN, input={"bit_serial": True})
    chip = of.chip(1, under(["adc", "programming"], T0))
    layer, drives = replace(chip.layers["fc1"], calibration=None), CODES.double() * LSB
    measured, at_once = (layer_current(drives, network["fc1"], layer) for network in (of.network, mapped()))
    assert torch.equal(calibrations(chip)[0], fit_columns(measured, DESIGNED["fc1"]).gain)
    assert not torch.equal(measured, at_once)


@pytest.mark.parametrize("compensation", ["none", "per_tile", "per_column"])
def test_read_noise_that_is_known_later_than_drift_puts_calibration_off(compensation: str) -> None:
    # Drift from 1 s on, read noise from 20 s: that is when a chip is calibrated, and it has drifted by then.
    drift = {**NOISE["drift"], "compensation": compensation}
    of = foundry(**PER_COLUMN, noise={**NOISE, "drift": drift, "read": {"type": "pcm_joshi_2020", "g_max": 5e-5}})
    conditions = [under(["drift", "read"], YEAR, compensated=compensated) for compensated in (True, False)]
    alone = [of.chip(4, condition) for condition in conditions]
    for order in ((0, 1), (1, 0)):
        cache = ChipCache()
        for i in order:
            assert same(of.chip(4, conditions[i], cache=cache), alone[i])
    assert same(*alone) is (compensation == "none")
    at_first = of.chip(4, under(["drift"], 20.0, compensated=False))
    expected = fit_columns(CODES.double() * LSB @ differences(at_first)["fc1"], DESIGNED["fc1"])
    torch.testing.assert_close(calibrations(alone[1])[0], expected.gain, rtol=1e-9, atol=0)


def test_single_precision_is_double_precision_to_a_ten_thousandth() -> None:
    chip = foundry("relu", **PER_COLUMN).chip(1, under())
    double = logits(chip, activation="relu")
    # Read noise goes on where it is: the same chip once more.
    single = logits(foundry("relu", **PER_COLUMN).chip(1, under()).to(torch.float32), activation="relu")
    assert share(single, double) < 1e-4
    assert len(calibrations(chip)) == 4
