"""Codings of drives: by hand, the same current where nothing is rounded, and every conversion rounded for itself."""

import itertools

import pytest
import torch

from hwcore.converters import adc, coded_current, coded_drives, largest_current
from hwcore.spec import Drive, SignCoding, Subtraction
from hwcore.streams import stream

SIGNS: tuple[tuple[SignCoding, Subtraction], ...] = (
    ("sign_magnitude", "analog"),
    ("two_phase", "analog"),
    ("two_phase", "digital"),
    ("pair", "analog"),
)
CODINGS = [
    Drive(0.5, signed, bits, signs, subtract)
    for (signs, subtract), signed, bits in itertools.product(SIGNS, (False, True), (None, 1, 4, 8))
]
every_coding = pytest.mark.parametrize("drive", CODINGS, ids=str)


def drawn(drive: Drive) -> tuple[torch.Tensor, torch.Tensor]:
    steps = 2 ** (drive.bits or 8) - 1
    codes = torch.randint(-steps if drive.signed else 0, steps + 1, (40, 6), generator=stream(1))
    return codes.double() * 0.5 / steps, torch.randn(6, 5, dtype=torch.float64, generator=stream(2))


def columns(*values: float) -> torch.Tensor:
    return torch.tensor([values], dtype=torch.float64)


@every_coding
def test_where_nothing_is_rounded_every_coding_gives_the_current_of_all_at_once(drive: Drive) -> None:
    x, g = drawn(drive)
    met = []

    def product(plane: torch.Tensor) -> torch.Tensor:
        met.append(plane)
        return plane @ g

    torch.testing.assert_close(coded_current(x, drive, product), x @ g, rtol=1e-12, atol=1e-14)
    assert len(met) == drive.conversions
    if drive.bits is None and not drive.converts_phases:
        assert met[0] is x


@every_coding
def test_lines_are_driven_with_nothing_but_what_their_coding_allows(drive: Drive) -> None:
    x, _ = drawn(drive)
    for _, plane in coded_drives(x, drive):
        values = set(plane.unique().tolist())
        if drive.bits is not None:
            assert values <= {-0.5, 0.0, 0.5}
        if drive.converts_phases or not drive.signed:
            assert min(values) >= 0.0


def test_signed_codes_bit_by_bit_by_hand() -> None:
    # Magnitudes 5, 2 and 7 of three bits, full scale 0.7: 101, 010 and 111.
    x = columns(-0.5, 0.2, 0.7)
    found = list(coded_drives(x, Drive(0.7, signed=True, bits=3)))
    assert [factor for factor, _ in found] == [1, 2, 4]
    expected = ([-0.7, 0.0, 0.7], [0.0, 0.7, 0.7], [-0.7, 0.0, 0.7])
    assert [plane[0].tolist() for _, plane in found] == [pytest.approx(each, abs=1e-15) for each in expected]
    apart = list(coded_drives(x, Drive(0.7, signed=True, bits=3, signs="two_phase", subtract="digital")))
    assert [factor for factor, _ in apart] == [1, -1, 2, -2, 4, -4]
    assert apart[0][1].tolist() == [[0.0, 0.0, 0.7]]
    assert apart[1][1].tolist() == [[0.7, 0.0, 0.0]]


def test_levels_of_tanh_have_the_last_bit_of_their_magnitude_set() -> None:
    levels = torch.linspace(-2.0, 2.0, 8, dtype=torch.float64)[None]
    planes = [plane[0].tolist() for _, plane in coded_drives(levels, Drive(2.0, signed=True, bits=3))]
    assert planes[0] == [-2.0] * 4 + [2.0] * 4
    assert planes[2] == [-2.0, -2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0]


@pytest.mark.parametrize("drive", [each for each in CODINGS if each.signs != "pair"], ids=str)
def test_every_conversion_is_rounded_for_itself(drive: Drive) -> None:
    x, g = drawn(drive)
    resolution = 5
    full_scale = largest_current(g, drive_max=0.5, drive_signed=drive.converts_both_signs)
    clipped = torch.zeros(5, dtype=torch.int64)

    def product(plane: torch.Tensor) -> torch.Tensor:
        found = adc(plane @ g, full_scale, resolution)
        clipped.add_(found.clipped)
        return found.current

    found = coded_current(x, drive, product)
    by_hand = sum(factor * product(plane) for factor, plane in coded_drives(x, drive))
    torch.testing.assert_close(found * (2 ** (drive.bits or 1) - 1), by_hand, rtol=1e-12, atol=1e-15)
    # Half an LSB in each conversion; those of the bits are weighed 1, 2, 4, ... over their sum.
    lsb = full_scale / 15 * (2 if drive.converts_phases else 1)
    assert bool(((found - x @ g).abs() <= lsb / 2 * (1 + 1e-8)).all())
    assert not clipped.any()
    assert not torch.allclose(found, x @ g)


def test_phases_that_are_converted_alone_need_half_of_the_range() -> None:
    g = torch.tensor([[1.0], [1.0], [-1.0]], dtype=torch.float64)
    both = Drive(1.0, signed=True, signs="two_phase")
    alone = Drive(1.0, signed=True, signs="two_phase", subtract="digital")
    ranges = [largest_current(g, drive_max=1.0, drive_signed=each.converts_both_signs).item() for each in (both, alone)]
    assert ranges == [3.0, 2.0]


def test_bits_without_a_limit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"drive\.limit: got None; allowed: a number"):
        list(coded_drives(columns(1.0), Drive(None, bits=2)))


@every_coding
def test_no_product_at_all_has_a_shape(drive: Drive) -> None:
    empty = torch.zeros(0, 6, dtype=torch.float64)
    assert coded_current(empty, drive, lambda plane: plane @ torch.ones(6, 5, dtype=torch.float64)).shape == (0, 5)
