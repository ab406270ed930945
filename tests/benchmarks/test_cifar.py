"""The grid of CIFAR-10: rows are measured once, the best rate is that of the held-out images, budgets go in."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.cifar import CELLS, METHODS, RATES, Cifar, course_of
from benchmarks.grid import Budget


def test_a_course_has_what_the_row_says() -> None:
    course = course_of("2 bit", "straight_through", 6e-3, 3, Budget(2, 5))
    assert (course.training.epochs, course.float_epochs, course.seed) == (5, 2, 3)
    assert (course.training.method, course.training.hardware_learning_rate) == ("straight_through", 6e-3)
    assert (course.hardware.cell.levels, course.hardware.activation.bits, course.hardware.input.bits) == (4, 4, 8)
    assert course.training.augmentation is not None
    assert course.training.augmentation.flip
    assert course.plan[0].name == "conv1"
    assert all(course_of(cell, METHODS[0], RATES[0], 0, Budget(1, 1)).plan == course.plan for cell in CELLS)


def test_the_best_rate_is_that_of_the_held_out_images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []

    def validated(cell: str, method: str, rate: float, seed: int, budget: Budget, *, test: bool) -> dict[str, float]:
        asked.append((cell, method, seed, budget, test))
        return {"validation": 1 - abs(rate - RATES[1])}

    grid = Cifar(tmp_path / "rows.jsonl", tmp_path)
    monkeypatch.setattr(grid, "on_cells", validated)
    assert grid.best_rate("1 bit", "smooth", Budget(1, 2)) == RATES[1]
    # The test images are not looked at to choose.
    assert asked == [("1 bit", "smooth", 0, Budget(1, 2), False)] * len(RATES)
