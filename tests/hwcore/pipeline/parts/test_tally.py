"""Tallies of test images: whole numbers that are worth the metric, by scikit-learn and numpy as witnesses."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, mean_squared_error, roc_auc_score

from hwcore.pipeline.parts.tally import MOST, STEPS, measure_of, tally
from hwcore.training import Examples

CODES = np.random.default_rng(0).integers(-100, 101, (200, 5)).astype(np.int8)


def examples(labels: np.ndarray, metric: str) -> Examples:
    return Examples.of(CODES, 1 / 100, labels, torch.device("cpu"), None, metric)


def test_images_of_the_right_class() -> None:
    labels = np.arange(200) % 3
    outputs = torch.from_numpy(np.random.default_rng(1).normal(size=(200, 3)))
    test = examples(labels, "accuracy")
    found = measure_of(test).value(tally(outputs, test))
    assert found == accuracy_score(labels, outputs.argmax(1))


def test_pairs_in_order() -> None:
    labels = np.arange(200) % 5 // 4
    outputs = torch.from_numpy(np.random.default_rng(1).normal(size=(200, 5)))
    test = examples(labels, "roc_auc")
    measure = measure_of(test)
    expected = roc_auc_score(labels, np.square(outputs.numpy() - CODES / 100).mean(1))
    assert measure.value(tally(outputs, test)) == pytest.approx(expected, rel=1e-12)
    assert (measure.anomalous, measure.divisor, measure.count) == (40, 2 * 40 * 160, 200)


def test_steps_of_an_error() -> None:
    targets = (1e3 * np.random.default_rng(2).normal(size=(200, 2))).astype(np.float32)
    outputs = torch.from_numpy(targets + np.random.default_rng(3).normal(size=(200, 2)))
    test = examples(targets, "mean_squared_error")
    found = measure_of(test).value(tally(outputs, test))
    # Within half a step of the variance.
    assert found == pytest.approx(mean_squared_error(targets, outputs), abs=float(targets.var()) / STEPS)
    assert tally(torch.full((200, 2), torch.nan, dtype=torch.float64), test) == MOST
    assert tally(torch.full((200, 2), 1e300, dtype=torch.float64), test) == MOST
    assert tally(torch.from_numpy(targets.astype(np.float64)), test) == 0


def test_targets_that_never_change_have_a_unit_as_well() -> None:
    targets = np.full((200, 1), 3.0, dtype=np.float32)
    test = examples(targets, "mean_squared_error")
    assert measure_of(test).value(tally(torch.full((200, 1), 3.5, dtype=torch.float64), test)) == 0.25
