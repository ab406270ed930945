"""The arrays of a layer: added by significance, bit by bit where inputs come so, and calibrated."""

from dataclasses import replace

import pytest
import torch

from hwcore.converters import coded_current
from hwcore.crossbar import (
    ChipArray,
    ChipLayer,
    ColumnCalibration,
    Converters,
    ReadDraws,
    array_current,
    layer_current,
)
from hwcore.mapping import Array, MappedLayer
from hwcore.spec import Drive
from hwcore.streams import stream
from tests.hwcore.crossbar.small_networks import grid, layer


def table(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def three_bits(*full_scale: float) -> Converters:
    """k_max = 3: at a full scale of 3 a step is 1."""
    return Converters(3, table(*([each] for each in full_scale)))


def mapped(rows: int, cols: int, *significance: float, bits: int | None = None) -> MappedLayer:
    """A layer whose arrays have tiles of one row; what its cells hold plays no part here."""
    one = layer([[0.0] * cols] * rows, [[0.0] * cols] * rows, scale=[1.0] * cols, bias=[0.0] * cols)
    arrays = tuple(
        Array(f"fc1_{each:g}", one.array.pairs, grid(rows, cols, 1, cols), each) for each in significance or (1.0,)
    )
    return replace(one, drive=Drive(1.0, bits=bits), arrays=arrays)


def test_one_array_is_what_its_tiles_give() -> None:
    drive, g, of = drawn(7, 3), drawn(3, 2, seed=1), mapped(3, 2)
    found = layer_current(drive, of, ChipLayer((ChipArray(g),)))
    assert torch.equal(found, array_current(drive, ChipArray(g), of.array.grid))


def test_arrays_are_converted_for_themselves_and_added_by_significance() -> None:
    # Steps of 1: 1.2 and 0.6 are both 1, so 4 x 1 + 1, where one conversion of 4 x 1.2 + 0.6 would give 5.4.
    built = ChipLayer(tuple(ChipArray(table([g]), converters=three_bits(3.0)) for g in (1.2, 0.6)))
    clipped = [torch.zeros(1, 1, dtype=torch.int64) for _ in range(2)]
    assert layer_current(table([1.0], [3.0]), mapped(1, 1, 4.0, 1.0), built, clipped=clipped).tolist() == [
        [5.0],
        [14.0],
    ]
    assert [int(each) for each in clipped] == [1, 0]
    with pytest.raises(ValueError, match="zip"):
        layer_current(table([1.0]), mapped(1, 1), built)


def test_read_noise_of_an_array_counts_by_its_significance() -> None:
    quiet, loud = (ChipArray(table([0.0]), read_variance=table([variance])) for variance in (0.0, 4.0))
    drive = torch.ones(20_000, 1, dtype=torch.float64)
    found = layer_current(drive, mapped(1, 1, 7.0, 0.5), ChipLayer((quiet, loud)), reads=ReadDraws(stream(1)))
    assert float(found.std()) == pytest.approx(1.0, rel=0.03)
    with pytest.raises(ValueError, match="reads: got None; allowed: draws"):
        layer_current(drive, mapped(1, 1, bits=2), ChipLayer((loud,)))


def test_calibration_comes_after_the_sum() -> None:
    halves = tuple(ChipArray(table([1.0, 2.0])) for _ in range(2))
    calibration = ColumnCalibration(torch.tensor([2.0, 1.0]).double(), torch.tensor([0.5, -1.0]).double())
    assert layer_current(table([1.0]), mapped(1, 2, 1.0, 1.0), ChipLayer(halves, calibration)).tolist() == [[4.5, 3.0]]


def test_bit_by_bit_without_converters_is_all_bits_at_once() -> None:
    codes = torch.randint(0, 256, (9, 11), generator=torch.Generator().manual_seed(3))
    drive, array, cut = codes.double() / 255, ChipArray(drawn(11, 5, seed=1)), grid(11, 5, 4, 2)
    found = coded_current(drive, Drive(1.0, bits=8), lambda plane: array_current(plane, array, cut))
    torch.testing.assert_close(found, array_current(drive, array, cut), rtol=1e-12, atol=1e-12)


def test_bit_by_bit_every_cycle_is_converted() -> None:
    # Two bits, one cell of 0.6, steps of 1. A cycle with the bit gives 0.6, which is read as 1, one without it 0.
    built, of = ChipLayer((ChipArray(table([0.6]), converters=three_bits(3.0)),)), mapped(1, 1, bits=2)
    drives = table([0.0], [1 / 3], [2 / 3], [1.0])
    expected = [0.0, 1 / 3, 2 / 3, 1.0]
    assert layer_current(drives, of, built)[:, 0].tolist() == pytest.approx(expected, rel=1e-15)
    # All at once 0.2 and 0.4 are nothing, and 0.6 is 1.
    assert layer_current(drives, mapped(1, 1), built)[:, 0].tolist() == [0.0, 0.0, 0.0, 1.0]
    # A range of 0.3 clips both cycles of the largest code, and the one cycle of the others.
    clipped = [torch.zeros(1, 1, dtype=torch.int64)]
    narrow = ChipLayer((ChipArray(table([0.6]), converters=three_bits(0.3)),))
    layer_current(drives, of, narrow, clipped=clipped)
    assert clipped[0].item() == 4


def test_where_nothing_is_rounded_or_drawn_bits_come_at_once() -> None:
    # A drive that is no code: bit by bit it would be rounded to one.
    found = layer_current(table([0.4]), mapped(1, 1, bits=2), ChipLayer((ChipArray(table([1.0])),)))
    assert found.item() == 0.4
