"""A gain and an offset for every column, from what a chip gives for known images."""

from typing import Any

import pytest
import torch

from hwcore.crossbar import Chip, ChipLayer, Kept, as_designed, calibrate, designed_currents, fit_column
from hwcore.spec import EFFECTS, Effect
from tests.hwcore.crossbar.built_chips import CODES, LSB, NOISE, T0, YEAR, foundry, logits, mapped, share, under

DESIGNED = designed_currents(mapped(), as_designed(mapped()), CODES, LSB)
PER_COLUMN = {"calibration": "per_column"}


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def calibrations(chip: Chip) -> list[torch.Tensor]:
    found = [layer.calibration for layer in chip.layers]
    return [tensor for each in found if each is not None for tensor in (each.gain, each.offset)]


def same(one: Chip, other: Chip) -> bool:
    pairs = zip(calibrations(one), calibrations(other), strict=True)
    return len(calibrations(one)) == 2 * len(one.layers) and all(torch.equal(*pair) for pair in pairs)


def test_a_gain_and_an_offset_are_found_again() -> None:
    designed = drawn(50, 4)
    gain = torch.tensor([0.5, 2.0, -1.5, 1e-3], dtype=torch.float64)
    offset = torch.tensor([0.0, 3.0, -2.0, 40.0], dtype=torch.float64)
    found = fit_column((designed - offset) / gain, designed)
    torch.testing.assert_close(found.gain, gain, rtol=1e-9, atol=0)
    torch.testing.assert_close(found.offset, offset, rtol=1e-9, atol=1e-9)


def test_no_other_gain_and_offset_come_closer() -> None:
    designed = drawn(200, 3)
    measured = 0.7 * designed + 0.4 * drawn(200, 3, seed=1) + 0.1
    found = fit_column(measured, designed)

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
    found = fit_column(measured, designed)
    assert found.gain.tolist() == [1.0]
    assert float((measured + found.offset).mean()) == pytest.approx(float(designed.mean()), rel=1e-6)


def test_where_neither_moves_nothing_happens() -> None:
    found = fit_column(torch.zeros(4, 2, dtype=torch.float64), torch.zeros(4, 2, dtype=torch.float64))
    assert (found.gain.tolist(), found.offset.tolist()) == ([1.0, 1.0], [0.0, 0.0])


def test_columns_that_err_by_a_gain_are_as_designed_again() -> None:
    gains = [drawn(layer.g_pos.shape[1], seed=number).exp() for number, layer in enumerate(mapped().layers)]
    designed = as_designed(mapped())
    pairs = zip(designed.layers, gains, strict=True)
    chip = Chip(tuple(ChipLayer(layer.g_difference * gain) for layer, gain in pairs))
    found = calibrate(mapped(), chip, CODES, LSB, DESIGNED)
    for each, gain in zip(found, gains, strict=True):
        torch.testing.assert_close(each.gain, 1 / gain, rtol=1e-9, atol=0)
    layers = zip(chip.layers, found, strict=True)
    whole = Chip(tuple(ChipLayer(layer.g_difference, calibration=each) for layer, each in layers))
    assert share(logits(whole), logits(designed)) < 1e-9
    assert share(logits(chip), logits(designed)) > 0.1
    # A calibration that it has does not change what it is calibrated to.
    again = calibrate(mapped(), whole, CODES, LSB, DESIGNED)
    for one, other in zip(found, again, strict=True):
        assert torch.equal(one.gain, other.gain)


def test_a_layer_is_calibrated_on_what_the_calibrated_ones_before_it_give() -> None:
    # Only the first layer errs, by a gain: behind a calibrated one the second has nothing to correct.
    first, second = as_designed(mapped()).layers
    broken = Chip((ChipLayer(first.g_difference * 1.5), second))
    found = calibrate(mapped(), broken, CODES, LSB, DESIGNED)[1]
    torch.testing.assert_close(found.gain, torch.ones_like(found.gain), rtol=1e-9, atol=0)


def test_a_chip_as_designed_is_not_calibrated() -> None:
    chip = foundry(**PER_COLUMN).chip(3, under([]))
    assert [layer.calibration for layer in chip.layers] == [None, None]
    assert torch.equal(logits(chip), logits(as_designed(mapped())))


@pytest.mark.parametrize("effects", [*([each] for each in EFFECTS), list(EFFECTS)], ids=str)
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


@pytest.mark.parametrize("effects", [*([each] for each in EFFECTS), list(EFFECTS)], ids=str)
def test_once_after_the_write_and_for_good(effects: list[Effect]) -> None:
    of, kept = foundry(**PER_COLUMN), Kept()
    cells = of.cells(4, under(effects))
    later = of.chip(4, under(effects, YEAR), cells, kept=kept)
    uncompensated = of.chip(4, under(effects, YEAR, compensated=False), cells, kept=kept)
    alone = [of.chip(4, under(effects, seconds)) for seconds in (T0, YEAR)]
    for other in (uncompensated, *alone):
        assert same(later, other)
    # And not that of another chip, where cells differ from chip to chip when they are written.
    assert same(later, of.chip(5, under(effects))) is not bool({"programming", "stuck_at"} & set(effects))


def _with(chip: Chip, found: list[Any]) -> tuple[ChipLayer, ...]:
    pairs = zip(chip.layers, found, strict=True)
    return tuple(ChipLayer(layer.g_difference, calibration=each) for layer, each in pairs)


@pytest.mark.parametrize("seconds", [T0, YEAR])
def test_a_layer_alone_is_calibrated_in_the_chip_that_it_is_in(seconds: float) -> None:
    of, there = foundry(**PER_COLUMN), under(["programming", "drift", "stuck_at"], seconds)
    others, kept = of.chip(0, under([])), Kept()
    whole, first = of.chip(2, there), of.chip(2, under(there.effects, T0))
    for position in (0, 1):
        chip = of.chip(2, there, kept=kept, alone=(position, others))
        assert torch.equal(chip.layers[1 - position].g_difference, others.layers[1 - position].g_difference)
        assert torch.equal(chip.layers[position].g_difference, whole.layers[position].g_difference)
        layers = [ChipLayer(layer.g_difference) for layer in others.layers]
        layers[position] = ChipLayer(first.layers[position].g_difference)
        expected = _with(Chip(tuple(layers)), calibrate(mapped(), Chip(tuple(layers)), CODES, LSB, DESIGNED))
        assert same(chip, Chip(expected))


def test_a_network_for_its_wires_is_calibrated_to_the_chip_that_has_them() -> None:
    wired = under(["wires"], T0)
    without, through = foundry(**PER_COLUMN), foundry(**PER_COLUMN)
    through.trained_through_wires = True
    for gain, offset in zip(*[iter(calibrations(through.chip(0, wired)))] * 2, strict=True):
        torch.testing.assert_close(gain, torch.ones_like(gain), rtol=1e-9, atol=0)
        torch.testing.assert_close(offset, torch.zeros_like(offset), rtol=0, atol=1e-12)
    # Wires take from every column: without them in mind they are made up for.
    assert bool((calibrations(without.chip(0, wired))[0] > 1.01).all())


def test_bit_serial_converters_are_measured_as_they_are_used() -> None:
    serial = foundry(**PER_COLUMN, input={"bit_serial": True}).chip(1, under(["adc"]))
    at_once = foundry(**PER_COLUMN).chip(1, under(["adc"]))
    assert not torch.equal(calibrations(serial)[0], calibrations(at_once)[0])
