"""The grid of the accuracy benchmark and the digests of its rows."""

from benchmarks import cases as grid
from benchmarks.cases import cases
from benchmarks.experiments import EXPERIMENTS, SEEDS
from tests.benchmarks.rows_of import corner_count


def test_the_grid_is_the_one_of_the_issue() -> None:
    assert {name: corner_count(name) for name in EXPERIMENTS} == {
        "corners": 12,
        "activations": 4,
        "emnist": 8,
        "published": 3,
        "crosssim_tutorial": 1,
        "brevitas": 3,
    }
    found, _ = cases(["corners"], SEEDS)
    assert len(found) == 12 * 2 * 3
    # Linear sign-select cells are the same weights at any on/off ratio, so that two of the four cells share their rows.
    assert len({case.key for case in found}) == 9 * 2 * 3
    noisy = cases(["crosssim_tutorial"], [0])[0][0]
    hardware = noisy.job.described_hardware
    cell = hardware.cell.model_copy(update={"on_off_ratio": 20.0})
    other = noisy.job.model_copy(update={"hardware": hardware.model_copy(update={"cell": cell})})
    assert grid.Case(**{**noisy.__dict__, "job": other}).key != noisy.key


def test_a_row_that_two_tables_ask_for_has_one_key() -> None:
    corners, _ = cases(["corners"], [0])
    others, _ = cases(["activations", "brevitas"], [0])
    shared = {case.key for case in corners} & {case.key for case in others}
    # The corner that the activations go on from, in another recipe than Brevitas is held against.
    assert len(shared) == 1


def test_another_recipe_is_another_row() -> None:
    found, _ = cases(["corners"], [0])
    case = found[0]
    training = case.job.training.model_copy(update={"epochs": 11})
    changed = grid.Case(**{**case.__dict__, "job": case.job.model_copy(update={"training": training})})
    assert changed.key != case.key
    assert grid.Case(**{**case.__dict__, "experiment": "elsewhere"}).key == case.key


def test_what_came_later_is_not_in_the_key_of_older_rows() -> None:
    case = cases(["published"], [0])[0][0]
    fields = type(case.job.training).model_fields
    assert {name: fields[name].default for name in grid.CAME_LATER} == grid.CAME_LATER
    key = case.key
    for name in grid.CAME_LATER:
        training = case.job.training.model_copy(update={name: 0.5})
        changed = grid.Case(**{**case.__dict__, "job": case.job.model_copy(update={"training": training})})
        assert changed.key != key


def test_no_training_is_longer_than_a_hundred_epochs() -> None:
    found, _ = cases(EXPERIMENTS, [0])
    assert max((case.job.training.float_epochs or 0) + case.job.training.epochs for case in found) <= 100
    assert {(case.job.training.float_epochs, case.held_out) for case in found if case.experiment == "corners"} == {
        (EXPERIMENTS["corners"].corners and found[0].job.training.float_epochs, 0.1)
    }
