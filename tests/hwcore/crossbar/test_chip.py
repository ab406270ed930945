"""A chip as designed, and in another precision."""

import torch

from hwcore.crossbar import Chip, ChipLayer, Converters, as_designed
from tests.hwcore.crossbar.built_chips import foundry, under
from tests.hwcore.crossbar.small_networks import layer, network

NETWORK = network(
    layer([[8e-6] * 4] * 3, [[6.4e-6] * 4] * 3, scale=[1.0] * 4, bias=[0.0] * 4),
    layer([[8e-6] * 2] * 4, [[6.4e-6] * 2] * 4, scale=[1.0] * 2, bias=[0.0] * 2, name="fc2"),
)


def test_as_designed_every_cell_has_its_level_and_nothing_else_happens() -> None:
    chip = as_designed(NETWORK)
    assert chip.reads is None
    assert chip.dtype == torch.float64
    for position, built in enumerate(chip.layers):
        assert bool((built.g_difference == 8e-6 - 6.4e-6).all())
        assert built.g_difference.shape == NETWORK.layers[position].g_pos.shape
        assert (built.read_variance, built.converters, built.factor, built.input_bits) == (None,) * 4
        assert built.calibration is None


def test_another_precision_takes_everything_along() -> None:
    chip = foundry(input={"bit_serial": True}, calibration="per_column").chip(0, under())
    single = chip.to(torch.float32)
    assert single.dtype == torch.float32
    assert single.reads is chip.reads
    for before, after in zip(chip.layers, single.layers, strict=True):
        assert before.converters is not None
        assert after.converters is not None
        assert after.converters.bits == before.converters.bits
        assert after.input_bits == before.input_bits
        assert before.calibration is not None
        assert after.calibration is not None
        for one, other in (
            (before.g_difference, after.g_difference),
            (before.read_variance, after.read_variance),
            (before.factor, after.factor),
            (before.converters.full_scale, after.converters.full_scale),
            (before.calibration.gain, after.calibration.gain),
            (before.calibration.offset, after.calibration.offset),
        ):
            assert one is not None
            assert other is not None
            assert torch.equal(one.float(), other)
    assert [layer.input_bits for layer in single.layers] == [4, None]


def test_what_is_not_there_stays_away() -> None:
    g = torch.ones(2, 1, dtype=torch.float64)
    bare = Chip((ChipLayer(g),)).to(torch.float32).layers[0]
    assert (bare.read_variance, bare.converters, bare.factor, bare.calibration) == (None,) * 4
    read = ChipLayer(g, converters=Converters(3, g)).to(torch.float32)
    assert read.converters is not None
    assert read.converters.full_scale.dtype == torch.float32
