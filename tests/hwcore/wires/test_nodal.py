"""The nodal solution: the judge of the elimination, judged itself by exact fractions and by Kirchhoff's laws."""

import itertools

import pytest
import torch

from hwcore.wires import Wires, nodal, nodal_gradient, nodal_transfer, power
from tests.hwcore.wires.drawn_arrays import apart, drawn, driven, share
from tests.hwcore.wires.exact_circuit import exact_transfer

ALL = Wires(r_word=1.5, r_bit=2.5, r_driver=40.0, r_sense=70.0)
SOME_ARE_ZERO = [Wires(*r) for r in itertools.product((0.0, 2.5), repeat=4)]


def test_without_resistance_every_cell_sees_its_source_and_ground() -> None:
    g, drive = drawn(4, 3, off=0.2), driven(2, 4)
    found = nodal(g, drive, Wires())
    assert torch.equal(found.word, drive[:, :, None].expand(2, 4, 3))
    assert not found.bit.any()
    assert apart(found.current, drive @ g) < 1e-15 * 4


@pytest.mark.parametrize("magnitude", [1e-3, 1.0, 1e3])
def test_exact_fractions(magnitude: float) -> None:
    wires = Wires(*(magnitude * factor for factor in (1.0, 2.0, 5.0, 3.0)))
    g = drawn(4, 3, off=0.2)
    ones = torch.ones(1, 4, dtype=torch.float64)
    assert apart(ones @ nodal_transfer(g, wires), ones @ exact_transfer(g, wires)) < 1e-14


@pytest.mark.parametrize("wires", SOME_ARE_ZERO, ids=str)
def test_kirchhoff_at_every_node_and_around_every_mesh(wires: Wires) -> None:
    g, drive = drawn(6, 5, off=0.1), driven(3, 6)
    found = nodal(g, drive, wires)
    # What the cells beyond a segment take goes through it, and drops so much voltage.
    word = found.cell_current.flip(2).cumsum(2).flip(2)
    before = torch.cat([drive[:, :, None], found.word[:, :, :-1]], 2)
    resistances = torch.tensor([wires.first_word, *[wires.r_word] * 4], dtype=torch.float64)
    assert share(before - resistances * word, found.word) < 1e-14
    bit = found.cell_current.cumsum(1)
    after = torch.cat([found.bit[:, 1:], torch.zeros(3, 1, 5, dtype=torch.float64)], 1)
    resistances = torch.tensor([*[wires.r_bit] * 5, wires.last_bit], dtype=torch.float64)
    assert float((found.bit - after - resistances[:, None] * bit).abs().max()) < 1e-14 * float(drive.max())
    assert float((found.word - found.bit - found.cell_voltage).abs().max()) < 1e-15 * float(drive.max())


@pytest.mark.parametrize("wires", [*SOME_ARE_ZERO, Wires(1e-3, 1e-3, 1e-3, 1e-3), Wires(1e2, 1e2, 1e4, 1e4)], ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (20, 30)])
def test_the_sources_give_what_is_dissipated(wires: Wires, shape: tuple[int, int]) -> None:
    found = power(nodal(drawn(*shape), driven(3, shape[0]), wires))
    assert apart(found.dissipated, found.sources) < 1e-12
    parts = (found.word_lines, found.bit_lines, found.drivers, found.amplifiers)
    for part, resistance in zip(parts, (wires.r_word, wires.r_bit, wires.r_driver, wires.r_sense), strict=True):
        assert bool((part > 0).all() if resistance else (part == 0).all())


def test_power_of_one_cell() -> None:
    # 0.2 V on 5 kohm in all: 40 uA, 8 uW; by Joule 1.6e-9 A^2 times each resistance.
    wires = Wires(r_word=500.0, r_bit=250.0, r_driver=1000.0, r_sense=750.0)
    g, drive = torch.tensor([[1 / 2500]], dtype=torch.float64), torch.tensor([[0.2]], dtype=torch.float64)
    found = power(nodal(g, drive, wires))
    expected = {"sources": 8.0, "cells": 4.0, "word_lines": 0.8, "bit_lines": 0.4, "drivers": 1.6, "amplifiers": 1.2}
    for part, microwatts in expected.items():
        assert getattr(found, part).item() == pytest.approx(1e-6 * microwatts, rel=1e-13, abs=0), part


def test_superposition() -> None:
    g, drive = drawn(7, 4), driven(2, 7)
    both = nodal(g, 2.5 * drive[:1] + drive[1:], ALL).current
    single = nodal(g, drive, ALL).current
    assert apart(both, 2.5 * single[:1] + single[1:]) < 1e-14


def test_raised_ends_of_the_sense_resistances_drive_currents_back() -> None:
    # One cell of 1 mS behind 1 kohm in all: half a volt falls on it, whoever drives.
    g, wires = torch.tensor([[1e-3]], dtype=torch.float64), Wires(r_driver=600.0, r_sense=400.0)
    zero, one = torch.zeros(1, 1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64)
    assert nodal(g, one, wires).cell_voltage.item() == pytest.approx(0.5, rel=1e-15)
    assert nodal(g, zero, wires, one).cell_voltage.item() == pytest.approx(-0.5, rel=1e-15)
    assert nodal(g, one, wires, one).cell_voltage.item() == pytest.approx(0.0, abs=1e-16)


@pytest.mark.parametrize("wires", [ALL, Wires(), Wires(r_word=300.0)], ids=str)
def test_gradient_against_finite_differences(wires: Wires) -> None:
    g = drawn(4, 3)
    upstream = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    expected = torch.empty_like(g)
    for i, j in itertools.product(range(4), range(3)):
        moved = torch.zeros_like(g)
        moved[i, j] = 1e-4 * g[i, j]
        difference = nodal_transfer(g + moved, wires) - nodal_transfer(g - moved, wires)
        expected[i, j] = (upstream * difference).sum() / (2e-4 * g[i, j])
    assert share(nodal_gradient(g, wires, upstream), expected) < 1e-8
