"""A layer with groups is as many layers beside each other: each group alone, on arrays of its own, gives the same."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import torch

from hwcore.crossbar import (
    ChipArray,
    Converters,
    Foundry,
    array_current,
    array_logits,
    read_current_sigma,
    wire_sensitivity,
)
from hwcore.crossbar.converter_ranges import converter_ranges
from hwcore.devices import compensation_factor
from hwcore.layers import map_network, wired_weights
from hwcore.mapping import Array as MappedArray
from hwcore.mapping import Components, Pairs
from hwcore.spec import Adc, Array, Condition, Drive, Effect, PairLayout, TileGrid, tile_grid
from hwcore.wires import Wires, layer_transfer
from tests.hwcore.conformance.effect_cases import CASES, LATER, T0, everything_but
from tests.hwcore.conformance.effect_chips import LSB, codes, foundry, hardware, mapped
from tests.hwcore.conformance.effect_chips import network as networks

GROUPS, ROWS, WIDTH = 3, 7, 4
ARRAY = Array(rows=4, cols=3)
CUT, ALONE = tile_grid(ROWS, GROUPS * WIDTH, ARRAY, GROUPS), tile_grid(ROWS, WIDTH, ARRAY)
WIRES = Wires(40.0, 60.0, 100.0, 50.0)
LAYOUTS: tuple[PairLayout, ...] = ("separate", "interleaved")


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


G = Components(5e-5 * drawn(ROWS, GROUPS * WIDTH), 5e-5 * drawn(ROWS, GROUPS * WIDTH, seed=1))
DRIVES = drawn(30, GROUPS * ROWS, seed=2)


@dataclass(frozen=True)
class Group:
    """Columns of one group, and the drives of its word lines among those of all."""

    cols: slice
    drives: slice


def groups(rows: int = ROWS, cols: int = GROUPS * WIDTH, count: int = GROUPS) -> Iterator[Group]:
    width = cols // count
    for k in range(count):
        yield Group(slice(k * width, (k + 1) * width), slice(k * rows, (k + 1) * rows))


def part(g: Components, cols: slice) -> Components:
    return g[slice(None), cols]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_wires_do_not_reach_from_group_to_group(layout: PairLayout) -> None:
    whole = layer_transfer(G, CUT, WIRES, layout)
    for group in groups():
        alone = layer_transfer(part(G, group.cols), ALONE, WIRES, layout)
        for found, expected in zip(part(whole, group.cols), alone, strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sensitivity_through_wires_is_that_of_each_group(layout: PairLayout) -> None:
    whole = wire_sensitivity(G, DRIVES, CUT, WIRES, layout)
    for group in groups():
        alone = wire_sensitivity(part(G, group.cols), DRIVES[:, group.drives], ALONE, WIRES, layout)
        for found, expected in zip(part(whole, group.cols), alone, strict=True):
            # The random signs of the columns are others.
            assert float((found / expected - 1).abs().max()) < 0.03
            assert float((found / expected - 1).abs().mean()) < 0.005


@pytest.mark.parametrize("bits", [None, 3])
@pytest.mark.parametrize("rule", [{"type": "full"}, {"type": "calibrated"}, {"type": "calibrated", "percentile": 90}])
def test_ranges_of_converters_are_those_of_each_group(rule: dict[str, object], bits: int | None) -> None:
    adc, drive = Adc.model_validate({"bits": 4, "range": rule}), Drive(1.0, bits=bits)

    def ranges(g: Components, cut: TileGrid, drives: torch.Tensor) -> torch.Tensor:
        no_codes = torch.zeros(g.pos.shape, dtype=torch.uint8)
        array = MappedArray("conv1", Pairs(no_codes, no_codes, g.pos, g.neg), cut)
        return converter_ranges(adc, array, g.difference, drives, drive, drive_max=1.0)

    whole = ranges(G, CUT, DRIVES)
    for group in groups():
        alone = ranges(part(G, group.cols), ALONE, DRIVES[:, group.drives])
        torch.testing.assert_close(whole[:, group.cols], alone, rtol=1e-12, atol=0)


def test_the_noise_of_a_product_is_that_of_each_group() -> None:
    variance = G.pos.square()
    whole = read_current_sigma(DRIVES, variance, GROUPS)
    for group in groups():
        alone = read_current_sigma(DRIVES[:, group.drives], variance[:, group.cols])
        torch.testing.assert_close(whole[:, group.cols], alone, rtol=1e-12, atol=0)


DRIFTING: dict[str, object] = {**CASES["drift"].on["noise"]["drift"], "compensation": "per_tile"}
EFFECTS: tuple[Effect, ...] = ("programming", "stuck_at", "wires", "adc", "drift")


def test_a_chip_with_every_effect_computes_group_by_group() -> None:
    parts = everything_but()
    of = foundry("depthwise", "sign_select", {**parts, "noise": {**parts["noise"], "drift": DRIFTING}})
    layer = mapped("depthwise", "sign_select")["conv2"]
    built = [of.chip(3, Condition.of(EFFECTS, t, compensated=t > T0)).layers["conv2"].arrays[0] for t in (T0, LATER)]
    before, array = built[0].g_difference, built[1]
    drives, cut = of.shared.drives(wired=True)["conv2"], layer.array.grid
    assert (cut.row_blocks, len(cut.col_blocks), cut.groups) == (((0, 16), (16, 17)), 4, 4)
    assert isinstance(array.converters, Converters)
    assert isinstance(array.factor, torch.Tensor)
    # Half of the range, so that some currents are beyond it.
    array = replace(array, converters=Converters(array.converters.bits, array.converters.full_scale / 2))
    clipped = torch.zeros(2, layer.cols, dtype=torch.int64)
    whole = array_current(drives, array, cut, clipped=clipped)
    assert int(clipped.sum()) > 0
    for group in groups(layer.rows, layer.cols, cut.groups):
        own = ChipArray(
            array.g_difference[:, group.cols],
            converters=Converters(array.converters.bits, array.converters.full_scale[:, group.cols]),
            factor=array.factor[:, group.cols],
        )
        counted = torch.zeros(2, 2, dtype=torch.int64)
        grid = tile_grid(layer.rows, 2, Array(rows=16, cols=6))
        alone = array_current(drives[:, group.drives], own, grid, clipped=counted)
        torch.testing.assert_close(whole[:, group.cols], alone, rtol=1e-12, atol=1e-18)
        assert torch.equal(clipped[:, group.cols], counted)
        for number, (start, stop) in enumerate(cut.row_blocks):
            part = drives[:, group.drives][:, start:stop]
            first, now = (part @ seen[start:stop, group.cols] for seen in (before, array.g_difference))
            expected = compensation_factor(first, now, "per_tile")
            torch.testing.assert_close(array.factor[number, group.cols], expected, rtol=1e-12, atol=0)


def test_a_calibrated_chip_has_a_gain_for_every_column_of_every_group() -> None:
    parts = everything_but("read")
    noise = {"noise": {"programming": parts["noise"]["programming"]}}
    plain, of = (foundry("depthwise", "sign_select", {**noise, "calibration": rule}) for rule in ("none", "per_column"))
    written = Condition.of(["programming"], LATER)
    chips = [each.chip(3, written) for each in (plain, of)]
    calibration = chips[1].layers["conv2"].calibration
    assert calibration is not None
    assert calibration.gain.shape == (8,)
    network = mapped("depthwise", "sign_select")
    wanted, *found = (array_logits(network, chip, codes(), LSB) for chip in (plain.reference(wired=False), *chips))
    before, after = (float((logits - wanted).square().mean().sqrt()) for logits in found)
    assert after < 0.5 * before


def test_training_sees_the_wires_of_groups_that_share_a_tile() -> None:
    lines = {"wire_resistance": {"word": 200.0, "bit": 300.0}, "driver_resistance": 500.0}
    size = {"rows": 40, "cols": 6}
    found = []
    for packed in (False, True):
        part = {"array": {**lines, **size, "pack_groups": packed}}
        of = foundry("depthwise", "sign_select", part)
        network = map_network(hard := networks("depthwise", hardware("sign_select", part)))
        assert network["conv2"].array.grid.count == (2 if packed else 4)
        of = Foundry(network, of.hardware, seed=5, codes=codes(), lsb=LSB, trained_through_wires=False)
        with torch.no_grad(), wired_weights(hard, of.hardware):
            expected = hard(codes().double() * LSB)
        logits = array_logits(network, of.reference(wired=True), codes(), LSB)
        torch.testing.assert_close(logits, expected, rtol=0, atol=1e-9 * float(expected.abs().max()))
        found.append(logits)
        assert torch.isfinite(of.shared.sensitivity()["conv2"][0].pos).all()
    # Beside others a group loses a little more.
    assert float((found[0] - found[1]).abs().max()) > 1e-4 * float(found[0].abs().max())
