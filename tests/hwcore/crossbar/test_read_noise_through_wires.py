"""Read noise through wires: one number per output against what errors of every single cell do to it."""

import math
from typing import Any

import pytest
import torch

from hwcore.crossbar import array_current, read_current_sigma, wire_sensitivity
from hwcore.devices import read, read_sigma
from hwcore.errors import ArrayTooLarge
from hwcore.mapping import Components
from hwcore.spec import PairLayout, ProportionalRead, TileGrid
from hwcore.streams import stream
from hwcore.wires import Wires, layer_transfer, pair_transfer
from hwcore.wires import memory as memory_of_wires
from tests.hwcore.crossbar.built_chips import CODES, LSB, NOISE, T0, foundry, mapped, under
from tests.hwcore.crossbar.small_networks import grid, one_array

ROWS, COLS = 48, 16
LEVELS = torch.tensor([6.25e-6, 1.5e-5, 3e-5, 5e-5], dtype=torch.float64)
READ = ProportionalRead(sigma_ratio=0.03)


def drawn_pair(seed: int = 0) -> Components:
    """Weights on one side of each pair, the other at its lowest level."""
    generator = torch.Generator().manual_seed(seed)
    g = LEVELS[torch.randint(0, 4, (ROWS, COLS), generator=generator)]
    positive = torch.rand(ROWS, COLS, generator=generator) < 0.5
    return Components(torch.where(positive, g, LEVELS[0]), torch.where(positive, LEVELS[0], g))


PAIR = drawn_pair()


def drawn_drives(kind: str) -> torch.Tensor:
    """dense: from 0 to 1. signed: from -1 to 1. sparse: rows that are driven always, hardly ever and never."""
    generator = torch.Generator().manual_seed(1)
    u = torch.rand(240, ROWS, dtype=torch.float64, generator=generator)
    if kind == "signed":
        return 2 * u - 1
    often = torch.rand(ROWS, dtype=torch.float64, generator=generator) ** 4
    often[:8] = 0.0
    lit = torch.rand(240, ROWS, dtype=torch.float64, generator=generator) < often
    return u if kind == "dense" else u * lit


def exact_variance(
    pair: Components, drives: torch.Tensor, cut: TileGrid, wires: Wires, layout: PairLayout
) -> torch.Tensor:
    """sum over all cells of both arrays of (dI_j / dg sigma)^2, of every product and output: the first order."""
    g = torch.stack([*pair]).requires_grad_()
    seen = layer_transfer(Components(g[0], g[1]), cut, wires, layout).difference
    sigma = READ.sigma_ratio * g.detach()
    return torch.stack(
        [
            torch.stack([(torch.autograd.grad(each, g, retain_graph=True)[0] * sigma).square().sum() for each in row])
            for row in drives @ seen
        ]
    )


@pytest.mark.parametrize("kind", ["dense", "sparse", "signed"])
@pytest.mark.parametrize("layout", ["separate", "interleaved"])
@pytest.mark.parametrize(("ohm", "least_drop", "single"), [(0.3, 0.004, 0.01), (6.0, 0.08, 0.04), (30.0, 0.25, 0.1)])
def test_sigma_of_single_products(kind: str, layout: PairLayout, ohm: float, least_drop: float, single: float) -> None:
    pair, drives, cut, wires = PAIR, drawn_drives(kind), grid(ROWS, COLS), Wires(ohm, ohm)
    m = layer_transfer(pair, cut, wires, layout)
    assert 1 - float((m.pos + m.neg).sum() / (pair.pos + pair.neg).sum()) > least_drop
    seen = wire_sensitivity(pair, drives[:200], cut, wires, layout)
    sigmas = [READ.sigma_ratio * g * a for g, a in zip(pair, seen, strict=True)]
    test = drives[237:]
    ratio = (
        read_current_sigma(test, sigmas[0].square() + sigmas[1].square())
        / exact_variance(pair, test, cut, wires, layout).sqrt()
    )
    assert abs(float(ratio.mean()) - 1) < (0.015 if ohm > 10 else 0.01)
    assert float((ratio - 1).abs().max()) < single


@pytest.mark.parametrize("ohm", [0.5, 400.0])
def test_a_chip_s_products_err_as_if_every_cell_were_drawn_for_every_product(ohm: float) -> None:
    # 0.3 % and 40 % of the current are lost in the wires. The chip is a drawn one, the sensitivities those as designed.
    products = 4000
    of = foundry(lines={"wire_resistance": {"word": ohm, "bit": ohm}}, noise={**NOISE, "read": READ.model_dump()})
    condition = under(["programming", "wires", "read"], T0)
    chip, (cells,), layer = of.chip(4, condition), of.cells(4, condition)["fc1"], mapped()["fc1"]
    start, stop = layer.array.grid.row_blocks[0]
    cut = slice(start, stop), slice(*layer.array.grid.col_blocks[0])
    drive = torch.zeros(1, 21, dtype=torch.float64)
    drive[0, start:stop] = CODES[11, start:stop].double() * LSB
    many = drive.expand(products, 21)
    short = array_current(many, one_array(chip.layers["fc1"]), layer.array.grid, reads=chip.reads)[:, cut[1]]
    drawn = [
        read(side.g[cut].expand(products, 8, 5), READ, g_target=side.g[cut], g_max=1.0, t=T0, generator=stream(9, i))
        for i, side in enumerate((cells.pos, cells.neg))
    ]
    m = pair_transfer(Components(drawn[0], drawn[1]), Wires(ohm, ohm))
    long = torch.einsum("i,pij->pj", drive[0, start:stop], m.difference)
    spread = 4.5 / math.sqrt(2 * products)
    assert bool(((short.std(0) / long.std(0) - 1).abs() < 0.06 + math.sqrt(2) * spread).all())
    # To first order the mean does not move; what is left is a share of sigma.
    away = (short.mean(0) - long.mean(0)).abs() / long.std(0)
    assert bool((away < 0.06 + 4.5 * math.sqrt(2 / products)).all())


def test_without_wires_the_chip_s_products_have_exactly_that_law() -> None:
    products = 20_000
    of = foundry(noise={**NOISE, "read": READ.model_dump()})
    chip, (cells,), layer = of.chip(4, under(["read"], T0)), of.cells(4, under(["read"]))["fc1"], mapped()["fc1"]
    drive = CODES[11:12].double() * LSB
    found = array_current(drive.expand(products, 21), one_array(chip.layers["fc1"]), layer.array.grid, reads=chip.reads)
    sigmas = [read_sigma(side.g, READ, g_target=side.g, g_max=1.0, t=T0) for side in (cells.pos, cells.neg)]
    expected = read_current_sigma(drive, sigmas[0].square() + sigmas[1].square())[0]
    assert bool(((found.std(0) - expected).abs() < 4.5 * expected / math.sqrt(2 * products)).all())
    mean = (drive @ layer.difference)[0]
    assert bool(((found.mean(0) - mean).abs() < 4.5 * expected / math.sqrt(products)).all())
    kurtosis = ((found - mean) / expected).pow(4).mean(0)
    assert bool(((kurtosis - 3).abs() < 4.5 * math.sqrt(96 / products)).all())


@pytest.mark.parametrize("layout", ["separate", "interleaved"])
def test_without_resistance_every_error_arrives_in_whole(layout: PairLayout) -> None:
    for kind in ("dense", "sparse", "signed"):
        found = wire_sensitivity(PAIR, drawn_drives(kind), grid(ROWS, COLS, 20, 7), Wires(), layout)
        for side in found:
            assert float((side - 1).abs().max()) < 1e-12


def test_a_single_cell_by_hand() -> None:
    # g in series with R = 5 kohm: dI/dg = V / (1 + g R)^2, with g = 50 uS and g = 100 uS: 1 / 1.5625 and 1 / 2.25.
    pair = Components(*(torch.tensor([[g]], dtype=torch.float64) for g in (50e-6, 100e-6)))
    drives = torch.tensor([[0.2], [0.7]], dtype=torch.float64)
    wires = Wires(r_driver=2000.0, r_sense=3000.0)
    found = wire_sensitivity(pair, drives, grid(1, 1), wires, "separate")
    assert [float(each) for each in found] == pytest.approx([1 / 1.5625, 1 / 2.25], rel=1e-12)


def test_a_row_that_is_hardly_ever_driven_is_not_the_noise_of_the_chip() -> None:
    # The voltage across its cells is that of the bit lines: over its own mean drive it would be any number.
    drives = drawn_drives("dense")
    drives[:, 3] = 0.0
    drives[7, 3] = 1e-3
    wires = Wires(6.0, 6.0)
    found = wire_sensitivity(PAIR, drives, grid(ROWS, COLS), wires, "separate")
    for side in found:
        assert bool((side[3] < 1.2).all())


def test_no_drive_at_all_is_no_noise_and_no_fault() -> None:
    none = torch.zeros(5, ROWS, dtype=torch.float64)
    found = wire_sensitivity(PAIR, none, grid(ROWS, COLS), Wires(6.0, 6.0), "separate")
    for side in found:
        assert bool(torch.isfinite(side).all())


def test_arrays_that_do_not_fit_with_their_gradient_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_of_wires, "available_memory", lambda: 1000)
    arguments: Any = (PAIR, drawn_drives("dense"), grid(ROWS, COLS), Wires(6.0, 6.0), "separate")
    with pytest.raises(ArrayTooLarge, match="with its gradient takes"):
        wire_sensitivity(*arguments)
