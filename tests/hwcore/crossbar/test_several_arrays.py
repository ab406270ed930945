"""Layers of several arrays through everything that a chip does: no effect knows of one array alone."""

from dataclasses import replace

import pytest
import torch

from hwcore.crossbar import Chip, ChipArray, ChipLayer, Foundry, array_logits, as_designed
from hwcore.mapping import MappedNetwork
from hwcore.spec import Effect, present_effects
from tests.hwcore.crossbar.built_chips import CODES, LSB, YEAR, foundry, hardware, mapped, share, under


def divided(*shares: float) -> MappedNetwork:
    """The network of `mapped` with every array as many times as there are shares, each with its share for significance.

    With shares that add up to 1 it computes what the network of one array does.
    """
    layers = [
        replace(layer, arrays=tuple(replace(layer.array, significance=each) for each in shares))
        for layer in mapped().layers
    ]
    return replace(mapped(), layers=tuple(layers))


TWICE = divided(0.75, 0.25)
PRESENT = present_effects(hardware())
"""Effects that the chips here have."""


def foundry_of(network: MappedNetwork) -> Foundry:
    calibrated = hardware(calibration="per_column")
    return Foundry(network, calibrated, seed=5, codes=CODES, lsb=LSB, trained_through_wires=False)


def logits(chip: Chip) -> torch.Tensor:
    return array_logits(TWICE, chip, CODES, LSB)


def test_as_designed_two_arrays_are_the_one_that_they_are_shares_of() -> None:
    expected = array_logits(mapped(), as_designed(mapped()), CODES, LSB)
    assert share(logits(as_designed(TWICE)), expected) < 1e-12


@pytest.mark.parametrize("effect", ["wires", "adc"])
def test_what_all_arrays_have_alike_they_have_together(effect: Effect) -> None:
    # Both arrays hold the same, so both lose the same in their wires and in their converters.
    one, two = foundry().chip(3, under([effect])), foundry_of(TWICE).chip(3, under([effect]))
    bare = Chip({name: replace(layer, calibration=None) for name, layer in two.layers.items()})
    assert share(logits(bare), array_logits(mapped(), one, CODES, LSB)) < 1e-12


@pytest.mark.parametrize("effect", ["programming", "stuck_at", "read", "drift"])
def test_what_is_drawn_is_drawn_for_every_array(effect: Effect) -> None:
    chip = foundry_of(TWICE).chip(3, under([effect]))
    for layer in chip.layers.values():
        first, second = layer.arrays
        if effect == "read":
            assert isinstance(first.read_variance, torch.Tensor)
            assert isinstance(second.read_variance, torch.Tensor)
        else:
            assert not torch.equal(first.g_difference, second.g_difference)
        assert layer.calibration is not None


@pytest.mark.parametrize("effects", [*([effect] for effect in PRESENT), list(PRESENT)], ids=str)
def test_calibration_brings_the_sum_of_the_arrays_closer(effects: list[Effect]) -> None:
    of = foundry_of(TWICE)
    chip, expected = of.chip(2, under(effects)), logits(as_designed(TWICE))
    assert all(len(layer.arrays) == 2 for layer in chip.layers.values())
    assert 1e-6 < share(logits(chip), expected) < 2
    later = of.chip(2, under(effects, YEAR))
    for name, layer in chip.layers.items():
        one, other = layer.calibration, later.layers[name].calibration
        assert one is not None
        assert other is not None
        assert torch.equal(one.gain, other.gain)


def test_a_chip_with_another_number_of_arrays_is_refused() -> None:
    one = ChipLayer((ChipArray(mapped()["fc1"].difference),))
    with pytest.raises(ValueError, match="zip"):
        logits(Chip({**as_designed(TWICE).layers, "fc1": one}))
