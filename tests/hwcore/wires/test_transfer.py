"""The array with wires: off, by hand, as a law, in all shapes, and against exact fractions and the nodal solution."""

import itertools
import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcore.errors import ArrayTooLarge
from hwcore.wires import Wires, nodal, nodal_transfer, transfer
from tests.hwcore.wires.drawn_arrays import apart, drawn, driven
from tests.hwcore.wires.exact_circuit import exact_transfer

ALL = Wires(r_word=1.5, r_bit=2.5, r_driver=40.0, r_sense=70.0)
SOME_ARE_ZERO = [Wires(*r) for r in itertools.product((0.0, 2.5), repeat=4)]


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


# Off.


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (2, 4, 3)])
def test_without_resistance_it_is_the_array_itself(shape: tuple[int, ...]) -> None:
    g = drawn(*shape, off=0.2)
    found = transfer(g, Wires())
    assert torch.equal(found, g)
    assert found.data_ptr() != g.data_ptr()
    drive = driven(7, shape[-2])
    assert torch.equal(drive @ found, drive @ g)


@pytest.mark.parametrize("name", ["r_word", "r_bit", "r_driver", "r_sense"])
@pytest.mark.parametrize("small", [1e-12, 1e-20, 1e-150, 1e-300, 5e-324])
def test_a_vanishing_resistance_vanishes(name: str, small: float) -> None:
    g = drawn(9, 7, off=0.2)
    alone = transfer(g, Wires(**{name: small}))
    used = g > 0
    assert apart(alone[used], g[used]) < 1e-13
    others = {other: value for other, value in vars(ALL).items() if other != name}
    beside, without = (transfer(g, Wires(**others, **{name: r})) for r in (small, 0.0))
    # Of a segment of bit line, side paths that would not be there without it may be left.
    assert apart(beside[used], without[used]) < 1e-13


# By hand.


def test_one_cell_is_five_resistances_in_series() -> None:
    g = column(4e-5).reshape(1, 1)
    expected = 1 / (ALL.r_driver + ALL.r_word + 1 / 4e-5 + ALL.r_bit + ALL.r_sense)
    assert transfer(g, ALL).item() == pytest.approx(expected, rel=1e-15, abs=0)


def test_one_cell_per_line_is_a_single_path() -> None:
    # Row 0: one segment of word line to column 0, two of bit line; row 1: two to column 1, one of bit line.
    diagonal = transfer(column(4e-5, 0, 0, 7e-5).reshape(2, 2), ALL)
    ends = ALL.r_driver + ALL.r_sense
    first, second = (1 / (ends + 1 / g + r) for g, r in ((4e-5, 1.5 + 2 * 2.5), (7e-5, 2 * 1.5 + 2.5)))
    assert apart(diagonal, column(first, 0, 0, second).reshape(2, 2)) < 1e-15
    across = transfer(column(0, 4e-5, 7e-5, 0).reshape(2, 2), ALL)
    first, second = (1 / (ends + 1 / g + r) for g, r in ((4e-5, 2 * 1.5 + 2 * 2.5), (7e-5, 1.5 + 2.5)))
    assert apart(across, column(0, first, second, 0).reshape(2, 2)) < 1e-15


def test_one_word_line_is_a_ladder() -> None:
    # Bit lines without resistance: each cell ends at ground, the second behind another segment.
    first, second, wires = 4e-5, 7e-5, Wires(r_word=1000.0, r_driver=500.0)
    far = second / (1 + 1000 * second)
    potential = 1 / (1 + 1500 * (first + far))
    assert apart(transfer(column(first, second)[None], wires), potential * column(first, far)[None]) < 1e-15


def test_one_bit_line_is_a_ladder_from_below() -> None:
    first, second, wires = 4e-5, 7e-5, Wires(r_bit=1000.0, r_sense=500.0)
    far = first / (1 + 1000 * first)
    expected = column(far, second) / (1 + 1500 * (second + far))
    assert apart(transfer(column(first, second)[:, None], wires), expected[:, None]) < 1e-15


def two_by_two(g: list[list[Fraction]], wires: Wires) -> list[list[Fraction]]:
    """Two by two in closed form.

    A word line with the source V behind R and a segment r between its cells a and b, whose bit lines are at u1, u2:
    Kirchhoff's law at both nodes, D = (1 + R a)(1 + r b) + R b, gives the currents

        D i1 = a (1 + r b) V - a (1 + r b + R b) u1 + R a b u2
        D i2 =           b V + R a b u1 - b (1 + R a) u2

    so i = s V - Y u. Of a 2 x 2 matrix P and a resistance r in series, with N = 1 + r tr P + r^2 det P (Cayley,
    Hamilton): (1 + r P)^-1 = ((1 + r tr P) 1 - r P) / N and P (1 + r P)^-1 = (P + r det P 1) / N.
    """
    first, r, bit, last = map(Fraction, (wires.first_word, wires.r_word, wires.r_bit, wires.last_bit))

    def line(a: Fraction, b: Fraction) -> tuple[list[Fraction], list[list[Fraction]]]:
        d = (1 + first * a) * (1 + r * b) + first * b
        across = -first * a * b / d
        return [a * (1 + r * b) / d, b / d], [
            [a * (1 + r * b + first * b) / d, across],
            [across, b * (1 + first * a) / d],
        ]

    def below(p: list[list[Fraction]], r: Fraction) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
        trace, det = p[0][0] + p[1][1], p[0][0] * p[1][1] - p[0][1] * p[1][0]
        n = 1 + r * trace + r * r * det
        one = [[1, 0], [0, 1]]
        carried = [[((1 + r * trace) * one[i][j] - r * p[i][j]) / n for j in (0, 1)] for i in (0, 1)]
        return carried, [[(p[i][j] + r * det * one[i][j]) / n for j in (0, 1)] for i in (0, 1)]

    def times(s: list[Fraction], t: list[list[Fraction]]) -> list[Fraction]:
        return [s[0] * t[0][j] + s[1] * t[1][j] for j in (0, 1)]

    (upper, y_upper), (lower, y_lower) = line(*g[0]), line(*g[1])
    carried, p = below(y_upper, bit)
    end, _ = below([[p[i][j] + y_lower[i][j] for j in (0, 1)] for i in (0, 1)], last)
    return [times(times(upper, carried), end), times(lower, end)]


@pytest.mark.parametrize("wires", SOME_ARE_ZERO, ids=str)
def test_two_by_two_in_closed_form(wires: Wires) -> None:
    g = drawn(2, 2, seed=3)
    expected = two_by_two([[Fraction(value) for value in row] for row in g.tolist()], wires)
    exact = torch.tensor([[float(value) for value in row] for row in expected], dtype=torch.float64)
    assert apart(transfer(g, wires), exact) < 1e-15 * 4
    assert apart(nodal_transfer(g, wires), exact) < 1e-15 * 4


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (3, 4), (4, 3)])
@pytest.mark.parametrize("magnitude", [1e-3, 1.0, 1e3, 1e5])
def test_every_entry_is_that_of_exact_fractions(shape: tuple[int, int], magnitude: float) -> None:
    # Side paths of 1e-23 S beside cells of 1e-4 S included.
    wires = Wires(*(magnitude * factor for factor in (1.0, 2.0, 5.0, 3.0)))
    g = drawn(*shape, off=0.25, seed=2)
    assert apart(transfer(g, wires), exact_transfer(g, wires)) < 1e-13


# Laws.


@pytest.mark.parametrize("wires", SOME_ARE_ZERO[1:], ids=str)
@pytest.mark.parametrize("shape", [(12, 20), (20, 12)])
def test_the_nodal_solution_says_the_same(wires: Wires, shape: tuple[int, int]) -> None:
    g = drawn(*shape, off=0.1)
    found, expected = transfer(g, wires), nodal_transfer(g, wires)
    drive = driven(3, shape[0])
    assert apart(drive @ found, drive @ expected) < 1e-13
    assert not bool((found < 0).any())
    assert bool((found.sum(1) <= g.sum(1) * (1 + 1e-13)).all())


@pytest.mark.parametrize("wires", [Wires(1e-3, 1e-3), Wires(100.0, 100.0), Wires(1e-3, 100.0, 10.0, 1000.0)], ids=str)
def test_a_whole_array_of_128_against_the_nodal_solution(wires: Wires) -> None:
    g, drive = drawn(128, 128, off=0.05), driven(2, 128)
    assert apart(drive @ transfer(g, wires), nodal(g, drive, wires).current) < 1e-12


def test_seen_from_its_outputs_it_is_the_same_circuit() -> None:
    g = drawn(9, 14, off=0.1)
    other = transfer(g.flip(-1, -2).mT.contiguous(), ALL.turned).mT.flip(-1, -2)
    assert apart(transfer(g, ALL), other) < 1e-13


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(-13, 60), st.integers(0, 99))
def test_only_the_product_of_resistance_and_conductance_counts(rows: int, cols: int, power: int, seed: int) -> None:
    g, factor = drawn(rows, cols, seed=seed), 2.0**power
    scaled = Wires(*(r / factor for r in vars(ALL).values()))
    assert apart(transfer(g * factor, scaled), factor * transfer(g, ALL)) < 1e-13


@pytest.mark.parametrize("wires", [ALL, Wires(3.0), Wires(0.0, 3.0), Wires(0.0, 0.0, 3.0, 3.0)], ids=str)
def test_lines_that_nothing_hangs_on_change_nothing_at_the_far_ends(wires: Wires) -> None:
    # So a tile that is not full, placed beside its drivers and amplifiers, is an array of its own size.
    g = drawn(6, 5)
    larger = torch.zeros(10, 12, dtype=torch.float64)
    larger[4:, :5] = g
    found = transfer(larger, wires)
    assert apart(found[4:, :5], transfer(g, wires)) < 1e-14
    assert not found[:4].any()
    assert not found[:, 5:].any()


def test_at_the_near_ends_they_are_so_much_more_line() -> None:
    g = drawn(6, 5)
    larger = torch.zeros(10, 12, dtype=torch.float64)
    larger[:6, 7:] = g
    longer = Wires(ALL.r_word, ALL.r_bit, ALL.r_driver + 7 * ALL.r_word, ALL.r_sense + 4 * ALL.r_bit)
    assert apart(transfer(larger, ALL)[:6, 7:], transfer(g, longer)) < 1e-14


def test_open_ends_take_what_the_cells_let_through() -> None:
    # A megohm at every amplifier: the error grows with its product with the conductance of the column.
    g = drawn(20, 6)
    wires = Wires(1.0, 1.0, 1.0, 1e6)
    assert apart(transfer(g, wires), nodal_transfer(g, wires)) < 1e-12


# Batches, shapes and types.


@pytest.mark.parametrize("shape", [(5, 4), (4, 5), (17, 2), (130, 129)])
def test_many_arrays_at_once_are_each_by_itself(shape: tuple[int, int]) -> None:
    g = drawn(2, 3, *shape, off=0.1)
    found = transfer(g, ALL)
    assert found.shape == g.shape
    assert found.dtype == torch.float64
    for i, j in itertools.product(range(2), range(3)):
        assert apart(found[i, j], transfer(g[i, j], ALL)) < 1e-13
    assert transfer(g[:0], ALL).shape == g[:0].shape


def test_more_arrays_than_go_through_together() -> None:
    g = drawn(70, 3, 200)
    turned_around = drawn(70, 200, 200)[:, :2]
    for arrays in (g, turned_around):
        found = transfer(arrays, ALL)
        assert apart(found[-1], transfer(arrays[-1], ALL)) < 1e-13


def test_what_is_given_stays_as_it_is() -> None:
    g = drawn(4, 6)
    before = g.clone()
    transfer(g, ALL)
    assert torch.equal(g, before)


def test_the_same_again_to_the_last_bit() -> None:
    g = drawn(3, 40, 30)
    assert torch.equal(transfer(g, ALL), transfer(g, ALL))


# Refusals.


@pytest.mark.parametrize("value", [-1e-6, -5e-324, math.nan, math.inf])
@pytest.mark.parametrize("wires", [Wires(), ALL], ids=str)
def test_what_is_no_conductance_is_refused(value: float, wires: Wires) -> None:
    g = drawn(3, 3)
    g[1, 2] = value
    with pytest.raises(ValueError, match="g: got a conductance that is negative, infinite or no number"):
        transfer(g, wires)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 0, 0)])
def test_an_array_without_cells_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="allowed: at least one row and one column"):
        transfer(torch.zeros(shape, dtype=torch.float64), ALL)


def test_an_array_too_large_for_memory_is_refused_before_it_is_made() -> None:
    # Ten thousand million cells that are one number in memory.
    huge = torch.full((1, 1), 1e-5, dtype=torch.float64).expand(100_000, 100_000)
    with pytest.raises(
        ArrayTooLarge, match=r"1 array of 100000 x 100000 cells takes 1,760\.0 GB of memory; allowed here"
    ):
        transfer(huge, ALL)


def test_a_limit_may_be_given_and_the_gradient_counts() -> None:
    g = drawn(64, 64)
    transfer(g, ALL, memory=1_000_000)
    with pytest.raises(ArrayTooLarge, match=r"with its gradient takes .* allowed here: 0\.0 GB"):
        transfer(g.requires_grad_(), ALL, memory=1_000_000)
