"""Published resistive memory: what a network is told against, and the lines of its table."""

import pytest

from benchmarks import cifar
from benchmarks.grid import Budget
from benchmarks.milo import ANALOGUE, LIMIT, TRAINED, UNTRAINED, figures_of, job_of, milo_table, of_the_grid
from hwcore.spec import ReferenceChoice

FIRST, SECOND = UNTRAINED


def row(name: str, floating: float, chips: list[float]) -> dict:
    return {"name": name, "float": floating, "designed": floating - 0.01, "chips": chips}


def test_trained_cells_are_those_of_the_preset_and_untrained_ones_analogue() -> None:
    trained = job_of(cifar.FIRST, Budget(1, 1), 2).described_hardware
    assert (trained.cell.levels, trained.activation.bits, trained.input.bits) == (5, 4, 8)
    assert trained.noise.programming.type == "rram_milo_2021"
    untrained = job_of(cifar.FIRST, Budget(1, 1), 2, **ANALOGUE).described_hardware
    assert (untrained.cell.levels, untrained.activation.bits) == (256, 8)
    assert untrained.cell.g_max == trained.cell.g_max == pytest.approx(2.25e-4)


def test_a_loss_is_that_of_the_mean_chip() -> None:
    rows = [row(FIRST, 0.8, [0.5, 0.6]), row(SECOND, 0.8, [0.7]), row(TRAINED, 0.82, [0.81, 0.79])]
    figures = {figure.name: figure for figure in figures_of(rows)}
    assert figures["milo_untrained"].value == pytest.approx(25.0)
    assert figures["milo_untrained_least_error"].value == pytest.approx(10.0)
    assert (figures["milo_loss"].value, figures["milo_loss"].limit) == (pytest.approx(2.0), LIMIT)
    assert milo_table(rows).splitlines()[2:] == [
        f"| {FIRST} | 80.00 | 79.00 | 55.00 ± 7.07 | 2 | 25.00 |",
        f"| {SECOND} | 80.00 | 79.00 | 70.00 | 1 | 10.00 |",
        f"| {TRAINED} | 82.00 | 81.00 | 80.00 ± 1.41 | 2 | 2.00 |",
    ]


def test_what_the_grid_has_not_is_asked_for() -> None:
    reference = {"kind": "reference", "seed": 0, "test": 0.8}
    cells = {"kind": "cells", "cell": "2 bit", "method": "smooth", "seed": 0, "rate": 0.02}
    assert of_the_grid([reference, cells]) == (0.8, ReferenceChoice(0.02))
    coarse = {**cells, "without": "weight_noise, distillation"}
    chosen = ReferenceChoice(0.02, weight_noise=False, distillation=False)
    assert of_the_grid([reference, {**cells, "note": "other"}, coarse]) == (0.8, chosen)
    for some in ([reference], [cells, {**reference, "seed": 1}]):
        with pytest.raises(SystemExit, match=r"benchmarks\.cifar"):
            of_the_grid(some)
