"""References of the grid: which cases share one, what is searched where, and that a stop loses one network."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import accuracy, reference_rows, row_store
from benchmarks.cases import Case, cases
from benchmarks.experiments import ALL_SEEDS, EXPERIMENTS
from benchmarks.reference_rows import find_reference_row, of_seed, reference_group, reference_key
from benchmarks.references import ROWS, wanted
from hwcore.spec import parse_job

EPOCHS = {"epochs": 1, "float_epochs": 1, "batch": 64}


def case(seed: int = 0, **training: Any) -> Case:
    hardware = {"cell": {"levels": 4, "g_max": 5e-5}, "activation": {"bits": 2}}
    document = {"dataset": "digits", "hardware": hardware, "model": {"hidden": [8]}}
    job = parse_job({**document, "training": {**EPOCHS, "seed": seed, **training}}).resolved()
    return Case("corners", "none", "smooth", seed, job, 0.1)


def test_all_corners_of_a_recipe_share_their_references() -> None:
    assert [(each.experiment, each.seed) for each in wanted(["corners", "activations", "brevitas"], [0, 3])] == [
        ("corners", 0),
        ("corners", 3),
    ]
    groups = {name: {reference_group(each) for each in cases([name], [0])[0]} for name in EXPERIMENTS}
    assert groups["corners"] == groups["activations"] == groups["brevitas"]
    assert [len(groups[name]) for name in ("corners_short", "emnist", "published")] == [1, 1, 3]
    assert not groups["corners"] & groups["corners_short"]


@pytest.mark.parametrize("training", [{"epochs": 2}, {"input_dropout": 0.1}, {"distillation": None}, {"batch": 32}])
def test_what_a_reference_has_makes_another_group(training: Any) -> None:
    assert reference_group(case(**training)) != reference_group(case())


@pytest.mark.parametrize("training", [{"method": "straight_through"}, {"activation_noise": 0.5}, {"seed": 5}])
def test_what_it_does_not_have_makes_none(training: Any) -> None:
    assert reference_group(case(**training)) == reference_group(case())


def test_the_first_seed_searches_and_a_stop_loses_one_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, trained = tmp_path / ROWS, []
    train = reference_rows._train

    def counting(each: Case, choice: Any, scratch: Path) -> Any:
        trained.append((each.job.seed, choice))
        if len(trained) == 4:
            raise KeyboardInterrupt
        return train(each, choice, scratch)

    monkeypatch.setattr(reference_rows, "_train", counting)
    with pytest.raises(KeyboardInterrupt):
        find_reference_row(case(), (case(),), rows, tmp_path)
    assert len(row_store.read(rows)) == 3
    row = find_reference_row(case(), (case(),), rows, tmp_path)
    tried = len(row["candidates"])
    assert len(trained) == tried + 1
    assert len(set(trained)) == tried
    assert row["validation"] == max(each["validation"] for each in row["candidates"])
    # Another seed takes what was chosen, and is trained alone.
    other = find_reference_row(of_seed(case(), 1), (case(),), rows, tmp_path)
    assert trained[tried + 1 :] == [(1, trained[-1][1])]
    assert (other["choice"], other["searched_on"]) == (row["choice"], [0])
    assert find_reference_row(case(), (case(),), rows, tmp_path) == row


def test_the_grid_takes_the_reference_of_the_same_seed(tmp_path: Path) -> None:
    first = cases(["corners"], ALL_SEEDS)[0][0]
    row = {"key": first.key, "accuracy": {"hardware_aware": 0.9}, "validation": {"hardware_aware": 0.91}}
    reference = {
        "key": reference_key(first),
        "test": 0.95,
        "validation": 0.96,
        "candidates": [{}, {}],
        **dict.fromkeys(("choice", "searched_on", "commit", "finished"), "said"),
    }
    placed = accuracy._placed(first, row, reference)
    assert placed["accuracy"] == {"hardware_aware": 0.9, "reference": 0.95}
    assert placed["reference"]["candidates"] == 2
    assert "reference" not in accuracy._placed(first, row, None)
    assert reference_key(replace(first, job=of_seed(first, 4).job)) != reference_key(first)
