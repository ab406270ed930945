"""A chip as designed, and in another precision."""

import torch

from hwcore.crossbar import Chip, ChipArray, ChipLayer, Converters, as_designed
from tests.hwcore.crossbar.built_chips import foundry, under
from tests.hwcore.crossbar.small_networks import layer, network, one_array

NETWORK = network(
    layer([[8e-6] * 4] * 3, [[6.4e-6] * 4] * 3, scale=[1.0] * 4, bias=[0.0] * 4),
    layer([[8e-6] * 2] * 4, [[6.4e-6] * 2] * 4, scale=[1.0] * 2, bias=[0.0] * 2, name="fc2"),
)


def test_as_designed_every_cell_has_its_level_and_nothing_else_happens() -> None:
    chip = as_designed(NETWORK)
    assert chip.reads is None
    assert chip.dtype == torch.float64
    assert list(chip.layers) == ["fc1", "fc2"]
    for name, built in chip.layers.items():
        array = one_array(built)
        assert bool((array.g_difference == 8e-6 - 6.4e-6).all())
        assert array.g_difference.shape == NETWORK[name].array.pairs.shape
        assert (array.read_variance, array.converters, array.factor) == (None,) * 3
        assert built.linear
        assert built.calibration is None


def test_another_precision_takes_everything_along() -> None:
    chip = foundry(calibration="per_column").chip(0, under())
    single = chip.to(torch.float32)
    assert single.dtype == torch.float32
    assert single.reads is chip.reads
    for name in ("fc1", "fc2"):
        before, after = one_array(chip.layers[name]), one_array(single.layers[name])
        assert before.converters is not None
        assert after.converters is not None
        assert after.converters.bits == before.converters.bits
        calibration, of_single = chip.layers[name].calibration, single.layers[name].calibration
        assert calibration is not None
        assert of_single is not None
        for one, other in (
            (before.g_difference, after.g_difference),
            (before.read_variance, after.read_variance),
            (before.factor, after.factor),
            (before.converters.full_scale, after.converters.full_scale),
            (calibration.gain, of_single.gain),
            (calibration.offset, of_single.offset),
        ):
            assert one is not None
            assert other is not None
            assert torch.equal(one.float(), other)


def test_what_is_not_there_stays_away() -> None:
    g = torch.ones(2, 1, dtype=torch.float64)
    layer = Chip({"fc1": ChipLayer((ChipArray(g),))}).to(torch.float32).layers["fc1"]
    bare = one_array(layer)
    assert (bare.read_variance, bare.converters, bare.factor, layer.calibration) == (None,) * 4
    read = ChipArray(g, converters=Converters(3, g)).to(torch.float32)
    assert read.converters is not None
    assert read.converters.full_scale.dtype == torch.float32


def test_what_a_calibration_measures_has_no_noise_and_no_calibration() -> None:
    chip = foundry(calibration="per_column").chip(0, under())
    layer = chip.layers["fc1"]
    measured = layer.measured()
    before, after = one_array(layer), one_array(measured)
    assert (after.read_variance, measured.calibration) == (None, None)
    assert after.converters is before.converters
    assert after.factor is before.factor
    assert torch.equal(after.g_difference, before.g_difference)
    assert not measured.linear
