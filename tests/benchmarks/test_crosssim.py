"""The count of CrossSim's tutorial, and the table that stands beside it."""

import numpy as np
import pytest

from benchmarks.crosssim import PUBLISHED, as_counted, crosssim_table, figures_of, of_the_images


@pytest.mark.parametrize("right", [0, 7, 10, 20])
def test_the_count_is_that_of_the_tutorials_loop(right: int) -> None:
    # As the notebook has it: both vectors start as zeros for all images, and every batch is appended to them.
    labels = np.ones(20)
    predicted = np.where(np.arange(20) < right, 1, 2)
    y_pred, y = np.zeros(20), np.zeros(20)
    for batch in range(0, 20, 8):
        y_pred = np.append(y_pred, predicted[batch : batch + 8])
        y = np.append(y, labels[batch : batch + 8])
    printed = 100 * float(np.sum(y == y_pred)) / len(y)
    assert as_counted(100 * right / 20) == printed
    assert of_the_images(printed) == 100 * right / 20


def test_what_was_published_of_the_images() -> None:
    assert {stage: round(of_the_images(printed), 2) for stage, printed in PUBLISHED.items()} == {
        "float": 97.96,
        "plain": 87.48,
        "hardware_aware": 95.24,
    }


def row(seed: int, rate: float, accuracy: float) -> dict:
    plain = {scale: {"accuracy": accuracy - cost, "std": 0.02, "chips": 25} for scale, cost in COST.items()}
    return {"seed": seed, "rate": rate, "float": accuracy, "plain": plain}


COST = {"per_layer": 0.12, "per_column": 0.08}


def test_the_table_has_both_counts_and_what_was_published() -> None:
    lines = crosssim_table([row(0, 0.001, 0.98), row(1, 0.001, 0.97)]).splitlines()
    assert lines[2:] == [
        "| rate 0.001 | floating point | 97.50 ± 0.71 | 98.75 | 2 |",
        "| rate 0.001 | 25 chips, a scale per layer | 85.50 ± 0.71 | 92.75 | 2 |",
        "| rate 0.001 | 25 chips, a scale per column | 89.50 ± 0.71 | 94.75 | 2 |",
        "| published, rate 0.001 | floating point | 97.96 | 98.98 | 1 |",
        "| published, rate 0.001 | 10 chips, a scale per layer | 87.48 | 93.74 | 1 |",
    ]


def test_figures_are_means_over_the_seeds() -> None:
    figures = {figure.name: figure.value for figure in figures_of([row(0, 0.01, 0.98), row(1, 0.01, 0.96)])}
    assert figures == pytest.approx(
        {
            "crosssim_float_rate_0.01": 97.0,
            "crosssim_plain_per_layer_rate_0.01": 85.0,
            "crosssim_plain_per_layer_rate_0.01_as_counted": 92.5,
            "crosssim_plain_per_column_rate_0.01": 89.0,
            "crosssim_plain_per_column_rate_0.01_as_counted": 94.5,
        }
    )
