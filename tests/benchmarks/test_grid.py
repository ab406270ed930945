"""Networks of a grid: trained once, kept by what they depend on, and chosen without the test images."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.grid import CPU, RATES, Budget, Grid, best_rate, judged, score
from hwcore.errors import TrainingFailed
from hwcore.layers import HardwareNetwork
from hwcore.pipeline.evaluate import network_logits
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.networks import rounded
from hwcore.spec import Course, parse_compile_job


def course_of(**training: Any) -> Course:
    return (
        parse_compile_job(
            {
                "hardware": {"cell": {"levels": 4, "g_max": 5e-5, "on_off_ratio": 8}},
                "dataset": "digits",
                "model": {"hidden": [8]},
                "training": {"epochs": 1, "float_epochs": 1, "batch": 256, **training},
            }
        )
        .resolved()
        .course()
    )


@pytest.fixture(scope="module")
def data() -> JobData:
    return load_data(course_of(), None, CPU)


def test_a_start_is_trained_once_and_anew_where_something_that_it_depends_on_differs(
    tmp_path: Path, data: JobData
) -> None:
    grid = Grid(tmp_path / "rows.jsonl", tmp_path)
    first = grid.started("digits", course_of(), data)
    (file,) = tmp_path.glob("*.pt")
    changed = file.stat().st_mtime_ns
    again = grid.started("digits", course_of(hardware_learning_rate=0.5, method="straight_through"), data)
    assert file.stat().st_mtime_ns == changed
    assert not again.training
    assert all(torch.equal(first.state_dict()[name], value) for name, value in again.state_dict().items())
    other = grid.started("digits", course_of(learning_rate=0.5), data)
    assert len(list(tmp_path.glob("*.pt"))) == 2
    assert not torch.equal(next(iter(first.parameters())), next(iter(other.parameters())))


def test_a_row_is_found_again_and_has_the_test_images_only_where_they_are_asked_for(
    tmp_path: Path, data: JobData
) -> None:
    grid, course, trained = Grid(tmp_path / "rows.jsonl", tmp_path), course_of(), []

    def train() -> HardwareNetwork:
        trained.append(rounded(course, grid.started("digits", course, data), data, CPU, "least_error"))
        return trained[-1]

    about = {"kind": "cells", "rate": 0.1}
    searched = grid.row(about, lambda: data, train, test=False)
    assert "test" not in searched
    assert grid.row(about, lambda: data, train, test=False)["validation"] == searched["validation"]
    assert len(trained) == 1
    row = grid.row(about, lambda: data, train, test=True, judge=lambda network: {"layers": len(network.layers)})
    test = data.chip.test
    right = (network_logits(trained[-1], test).argmax(1) == test.labels).double().mean()
    assert (row["test"], row["layers"]) == (pytest.approx(float(right)), 2)
    lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [line["key"] for line in lines] == ["cells | 0.1", "cells | 0.1 | test"]


def test_a_failed_training_is_a_row_to_choose_by_and_none_to_judge(tmp_path: Path, data: JobData) -> None:
    grid = Grid(tmp_path / "rows.jsonl", tmp_path)

    def fail() -> HardwareNetwork:
        raise TrainingFailed("it diverged")

    row = grid.row({"kind": "cells"}, lambda: data, fail, test=False)
    assert (score(row), row["failed"]) == (-math.inf, "it diverged")
    with pytest.raises(TrainingFailed):
        grid.row({"kind": "cells"}, lambda: data, fail, test=True)


def test_the_best_rate_is_one_that_did_not_fail() -> None:
    found = {RATES[0]: None, RATES[1]: 0.3, RATES[2]: 0.3}
    assert best_rate(lambda rate: {"validation": found[rate]}) == RATES[1]
    with pytest.raises(TrainingFailed, match="rates"):
        best_rate(lambda rate: {"validation": None})


def test_two_judged_rows_of_one_network_are_refused() -> None:
    row = {"kind": "cells", "seed": 0, "start": 1, "epochs": 1, "test": 0.5, "key": "a"}
    assert judged([row], Budget(1, 1), ("seed",)) == [row]
    with pytest.raises(ValueError, match="got 'a' and 'b'"):
        judged([row, {**row, "rate": 0.2, "key": "b"}], Budget(1, 1), ("seed",))
