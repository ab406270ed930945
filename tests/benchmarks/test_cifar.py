"""The grid of CIFAR-10: rows are measured once, the best rate is that of the held-out images, budgets go in."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import cifar
from benchmarks.cifar import (
    CELLS,
    DIGITAL,
    ENDS_DIGITAL,
    FIRST,
    LINEAR,
    METHODS,
    NAMES,
    PEER_RATES,
    SEARCHED,
    Cifar,
    cifar_table,
    course_of,
    figures_of,
)
from benchmarks.grid import RATES, Budget, judged
from hwcore.spec import MOST_CANDIDATES, ReferenceChoice


def test_a_course_has_what_the_row_says() -> None:
    choice = ReferenceChoice(6e-3, distillation=False)
    course = course_of("2 bit", "straight_through", choice, 3, Budget(2, 5))
    assert (course.training.epochs, course.float_epochs, course.seed) == (5, 2, 3)
    assert (course.training.method, course.training.hardware_learning_rate) == ("straight_through", 6e-3)
    assert (course.hardware.cell.levels, course.hardware.activation.bits, course.hardware.input.bits) == (4, 4, 8)
    assert course.training.distillation is None
    assert course.training.weight_noise > 0
    assert course.training.augmentation is not None
    assert course.training.augmentation.flip
    assert course.plan[0].name == "conv1"
    assert all(course_of(cell, METHODS[0], FIRST, 0, Budget(1, 1)).plan == course.plan for cell in CELLS)
    assert not course.digital


def test_the_layers_that_stay_digital_are_the_first_and_the_last() -> None:
    course = course_of(ENDS_DIGITAL, METHODS[0], FIRST, 0, Budget(1, 1))
    assert course.digital == {course.plan[0].name, course.plan[-1].name}
    assert set(DIGITAL) <= set(CELLS)


@pytest.mark.parametrize(("cell", "tried"), [(SEARCHED, 6), ("1 bit", 9)])
def test_cells_are_searched_as_the_reference_is_on_held_out_images(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cell: str, tried: int
) -> None:
    asked: list[Any] = []

    def validated(
        cell: str, method: str, choice: ReferenceChoice, seed: int, budget: Budget, *, test: bool
    ) -> dict[str, float]:
        asked.append((cell, method, seed, budget, test, choice))
        return {"validation": 1 - abs(choice.learning_rate - RATES[1]) - 0.1 * choice.distillation}

    grid = Cifar(tmp_path / "rows.jsonl", tmp_path)
    monkeypatch.setattr(grid, "on_cells", validated)
    found = grid.best_on_cells(cell, "smooth", Budget(1, 2))
    assert found == ReferenceChoice(RATES[1], distillation=False)
    # The test images are not looked at to choose.
    assert [each[:5] for each in asked[:6]] == [(SEARCHED, "smooth", 0, Budget(1, 2), False)] * 6
    assert len(asked[:6]) <= MOST_CANDIDATES
    # Other cells do without what those of 2 bits do.
    assert asked[6:] == [
        (cell, "smooth", 0, Budget(1, 2), False, ReferenceChoice(rate, distillation=False))
        for rate in RATES[: tried - 6]
    ]


def test_brevitas_has_three_rates_and_smoothed_labels_or_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []

    def trained(course: Any, rate: float, *_: object, test: bool) -> dict[str, Any]:
        smoothed = course.training.label_smoothing > 0
        asked.append((rate, smoothed, course.hardware.cell.on_off_ratio, course.training.augmentation is None))
        reached = 0.5 + 10 * rate - 0.01 * smoothed
        return {
            "validation": {"hardware_aware": reached},
            "accuracy": {"hardware_aware": 0.9 if test else None},
            "versions": {},
        }

    class Data:
        class dataset:
            split = "drawn"

    grid = Cifar(tmp_path / "rows.jsonl", tmp_path, "python")
    monkeypatch.setattr(cifar, "train_residual", trained)
    monkeypatch.setattr(grid, "data", lambda _: Data)
    monkeypatch.setattr(grid, "start", lambda *_: None)
    choice = grid.best_by_brevitas(Budget(1, 2))
    assert asked == [*((rate, True, None, False) for rate in PEER_RATES), (PEER_RATES[-1], False, None, False)]
    row = grid.by_brevitas(choice, 0, Budget(1, 2), test=True)
    assert (row["cell"], row["method"], row["rate"], row["test"]) == (LINEAR, "brevitas", PEER_RATES[-1], 0.9)
    assert row["without"] == "label_smoothing, weight_noise, distillation"
    assert grid.by_brevitas(choice, 0, Budget(1, 2), test=True)["key"] == row["key"]
    assert len(asked) == 5


def rows() -> list[dict[str, Any]]:
    budget = {"start": 1, "epochs": 2, "validation": 0.5}
    references = [
        {"kind": "reference", "learning_rate": 0.1, "distillation": False, "seed": seed, "test": 0.8, **budget}
        for seed in (0, 1)
    ]
    found = {("smooth", 0): 0.79, ("smooth", 1): 0.77, ("straight_through", 0): 0.75}
    cells = {"kind": "cells", "cell": "2 bit", "rate": 0.2, **budget}
    return [
        *references,
        *({**cells, "method": method, "seed": seed, "test": test} for (method, seed), test in found.items()),
    ]


def test_losses_are_paired_by_seed() -> None:
    figures = {figure.name: figure for figure in figures_of(rows())}
    assert {name: round(figure.value, 6) for name, figure in figures.items()} == {
        "cifar_reference": 80.0,
        "cifar_loss_2bit": 2.0,
        "cifar_loss_2bit_straight_through": 5.0,
        "cifar_smooth_minus_ste_2bit": 4.0,
    }
    assert (figures["cifar_loss_2bit"].seeds, figures["cifar_loss_2bit"].limit) == (2, 1.0)
    assert cifar_table(rows()).splitlines()[2:] == [
        "| reference | identity staircases | 0.1 | distillation | 1 + 2 "
        "| 50.00 [50.00, 50.00] | 80.00 [80.00, 80.00] | - | 2 |",
        "| 2 bit | smooth | 0.2 | - | 1 + 2 | 50.00 [50.00, 50.00] | 78.00 [65.29, 90.71] | 2.00 [-10.71, 14.71] | 2 |",
        "| 2 bit | straight-through | 0.2 | - | 1 + 2 | 50.00 | 75.00 | 5.00 | 1 |",
    ]


def test_brevitas_is_told_against_the_smooth_method_on_its_own_cells() -> None:
    mine = {"kind": "cells", "cell": LINEAR, "rate": 0.2, "start": 1, "epochs": 2, "validation": 0.5, "seed": 0}
    both = [{**mine, "method": "smooth", "test": 0.79}, {**mine, "method": "brevitas", "test": 0.78}]
    figures = {figure.name: round(figure.value, 6) for figure in figures_of(both)}
    assert figures == {"cifar_brevitas_minus_smooth": -1.0}


def test_only_rows_of_the_budget_that_were_judged_are_told() -> None:
    other = {**rows()[0], "epochs": 3}
    searched = {name: value for name, value in rows()[1].items() if name != "test"}
    assert judged([rows()[2], other, searched, rows()[0]], Budget(1, 2), NAMES) == [rows()[0], rows()[2]]
