"""docs/results.md says what the JSON files say, and nothing else."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks import results
from benchmarks.cases import cases
from benchmarks.experiments import ALL_SEEDS, EXPERIMENTS
from benchmarks.figures import RESULTS, Figure, record
from tests.benchmarks.rows_of import rows


def test_the_page_is_what_the_files_say() -> None:
    assert results.main(["--check"]) == 0


def test_the_recipes_of_the_page_are_those_of_its_rows() -> None:
    # The page takes a recipe from experiments.py and a row from the file: a key is the digest of all that was asked.
    asked = {
        (case.experiment, case.corner, case.method, case.seed): case.key for case in cases(EXPERIMENTS, ALL_SEEDS)[0]
    }
    measured = json.loads((RESULTS / "accuracy.json").read_text(encoding="utf-8"))["rows"]
    assert measured
    places = ("experiment", "corner", "method", "seed")
    stale = [row for row in measured if asked.get(tuple(row[name] for name in places)) != row["key"]]
    assert not stale, "run `python -m benchmarks.accuracy --assemble`, then `python -m benchmarks.results`"


def test_the_machines_are_those_of_the_rows(tmp_path: Path) -> None:
    measured = rows("corners", seeds=[0])[:3]
    for row, capability in zip(measured[:2], ("first", "second"), strict=True):
        row["machine"] = {"cpu_capability": capability}
    record("accuracy", [], measured, 1.0, tmp_path)
    here = torch.backends.cpu.get_cpu_capability()  # of the row that does not say
    assert f", {' and '.join(sorted((here, 'first', 'second')))}; torch" in results.page(tmp_path)


def test_a_difference_of_two_methods_is_shown_beside_that_of_their_starts(tmp_path: Path) -> None:
    measured = rows("corners", lambda case: 0.98 + 0.001 * case.seed * (case.method == "smooth"), seeds=[0, 1])
    for row in measured:
        row["accuracy"]["float_start"] += 0.002 * row["seed"] * (row["method"] == "straight_through")
    record("accuracy", [], measured, 1.0, tmp_path)
    line = "| 1 bit: infinite, linear, 1 | 0.05 ± 0.07 | smooth | 2 | -0.10 ± 0.14 |"
    assert line in results.page(tmp_path)


def test_rows_without_a_reference_and_older_ones_are_named(tmp_path: Path) -> None:
    measured = [row for row in rows("emnist", lambda case: 0.98 + 0.001 * case.seed) if row["corner"][0] == "2"]
    for row in measured:
        row["finished"] = "2026-11-27T23:59:59+00:00" if row["seed"] == 0 else row["finished"]
        if "linear, 0.8" in row["corner"] or (row["seed"] == 2 and "exponential" in row["corner"]):
            del row["accuracy"]["reference"]
    record("accuracy", [], measured, 1.0, tmp_path)
    page = results.page(tmp_path)
    # t_0.975 is 4.303 of three seeds and 12.706 of two.
    assert "| 98.10 ± 0.10 | 0.50 [0.25, 0.75] | 0.40 ± 0.10 | 0.30 ± 0.10 | 3 (1 older) |" in page
    assert "| 98.10 ± 0.10 | 0.55 [-0.09, 1.19] | 0.40 ± 0.10 | 0.30 ± 0.10 | 3 (1 older, loss of 2) |" in page
    assert "| 98.10 ± 0.10 | - | 0.40 ± 0.10 | 0.30 ± 0.10 | 3 |" in page


def test_a_figure_tells_its_interval_and_its_seeds(tmp_path: Path) -> None:
    record("accuracy", [Figure("mean", 0.04, "points", 0.05, half_width=0.031, seeds=5)], [], 1.0, tmp_path)
    assert "| `mean` | 0.04 ± 0.031 (5 seeds) | points | at most 0.05 | holds |" in results.page(tmp_path)
    record("accuracy", [Figure("one", 0.04, "points", seeds=1)], [], 1.0, tmp_path)
    assert "| `one` | 0.04 (1 seed) | points |" in results.page(tmp_path)


def test_a_stale_page_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "results.md"
    stale.write_text(results.page() + "98.99\n", encoding="utf-8")
    monkeypatch.setattr(results, "PAGE", stale)
    assert results.main(["--check"]) == 1
    assert results.main([]) == 0
    assert results.main(["--check"]) == 0


def test_what_was_not_measured_is_not_in_the_page(tmp_path: Path) -> None:
    assert results.page(tmp_path) == results.INTRODUCTION


def test_every_table_names_command_commit_and_machine(tmp_path: Path) -> None:
    measured = rows("corners", seeds=[0])
    record("accuracy", [Figure("worst_loss_2bit", 0.5, "points", 0.1)], measured, 1.0, tmp_path)
    page = results.page(tmp_path)
    commit = json.loads((tmp_path / "accuracy.json").read_text())["commit"]
    assert "Printed by `python -m benchmarks.accuracy`; commit" in page
    assert commit is None or commit[:12] in page
    assert "| `worst_loss_2bit` | 0.5 | points | at most 0.1 | falls short |" in page
    assert "| 1 bit: infinite, linear, 1 | smooth | 98.60 | 98.50 | - | - | 98.00 | 0.60 | 0.50 | 0.40 | 1 |" in page
