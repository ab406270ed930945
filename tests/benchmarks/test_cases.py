"""The grid of the accuracy benchmark and the digests of its rows."""

from benchmarks import cases as grid
from benchmarks import row_store
from benchmarks.cases import cases
from benchmarks.experiments import EXPERIMENTS, SEEDS
from benchmarks.figures import RESULTS
from tests.benchmarks.rows_of import corner_count


def test_the_grid_is_the_one_of_the_issue() -> None:
    assert {name: corner_count(name) for name in EXPERIMENTS} == {
        "corners": 12,
        "activations": 4,
        "corners_short": 12,
        "emnist": 8,
        "published": 3,
        "crosssim_tutorial": 1,
        "crosssim_longer": 1,
        "crosssim_calibrated": 1,
        "brevitas": 3,
        "brevitas_short": 3,
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
    found, _ = cases(EXPERIMENTS, [0])
    keys = {name: {case.key for case in found if case.experiment == name} for name in EXPERIMENTS}
    # The main cell with 2-bit activations.
    assert len(keys["corners"] & keys["activations"]) == 1
    # Brevitas is held against the networks of the corners.
    assert len(keys["corners"] & keys["brevitas"]) == 3
    assert len(keys["corners_short"] & keys["brevitas_short"]) == 3
    assert not keys["corners"] & keys["corners_short"]


def test_a_peer_is_asked_for_the_same_whatever_the_rate_of_our_latent_weights() -> None:
    found, _ = cases(["brevitas"], [0])
    assert {case.job.training.hardware_learning_rate for case in found if not case.peer} == {2e-2}
    assert {case.job.training.hardware_learning_rate for case in found if case.peer} == {None}
    # Those of seed 0 were measured before the field was there.
    assert {case.key for case in found if case.peer} <= set(row_store.read(RESULTS / "accuracy.rows.jsonl"))


def test_another_recipe_is_another_row() -> None:
    found, _ = cases(["corners"], [0])
    case = found[0]
    training = case.job.training.model_copy(update={"epochs": 11})
    changed = grid.Case(**{**case.__dict__, "job": case.job.model_copy(update={"training": training})})
    assert changed.key != case.key
    assert grid.Case(**{**case.__dict__, "experiment": "elsewhere"}).key == case.key


def test_older_rows_are_found_though_fields_came_later() -> None:
    measured = row_store.read(RESULTS / "accuracy.rows.jsonl")
    found, _ = cases(["published"], SEEDS)
    # Measured before these fields were there, and with none of them.
    assert {case.key for case in found} <= set(measured)
    case = found[0]
    for name, before in grid.CAME_LATER.items():
        assert getattr(case.job.training, name) == before
        training = case.job.training.model_copy(update={name: 0.5})
        changed = grid.Case(**{**case.__dict__, "job": case.job.model_copy(update={"training": training})})
        assert changed.key not in measured


def test_no_training_is_longer_than_a_hundred_epochs() -> None:
    found, _ = cases(EXPERIMENTS, [0])
    assert max((case.job.training.float_epochs or 0) + case.job.training.epochs for case in found) <= 100
    assert {(case.job.training.float_epochs, case.held_out) for case in found if case.experiment == "corners"} == {
        (10, 0.1)
    }
