"""Scores on held-out examples: the larger the better, by scikit-learn as the witness."""

import numpy as np
import pytest
import torch
from sklearn.metrics import r2_score, roc_auc_score
from torch import nn

from hwcore.training import Examples, accuracy, metric_score
from hwcore.training.batches import EVALUATION_BATCH
from tests.hwcore.training.small_examples import drawn

COUNT = EVALUATION_BATCH + 7


def examples(labels: np.ndarray, metric: str) -> Examples:
    codes = np.random.default_rng(0).integers(-100, 101, (COUNT, 6)).astype(np.int8)
    return Examples.of(codes, 1 / 100, labels, torch.device("cpu"), None, metric)


def halved() -> nn.Module:
    """A network that gives back half of its inputs."""
    network = nn.Linear(6, 6, bias=False)
    nn.init.eye_(network.weight).data.mul_(0.5)
    return network


def test_accuracy_is_what_it_was() -> None:
    made = drawn(50, 4, classes=4)
    assert metric_score(nn.Identity(), made) == accuracy(nn.Identity(), made)


def test_numbers_are_scored_by_the_part_that_is_explained() -> None:
    targets = np.random.default_rng(1).normal(size=(COUNT, 2)).astype(np.float32)
    made = examples(targets, "mean_squared_error")
    network = nn.Linear(6, 2, bias=False)
    with torch.no_grad():
        network.weight.copy_(torch.linspace(-0.5, 0.5, 12).view(2, 6))
        outputs = network(made.inputs(slice(None), torch.float32)).numpy().astype(np.float64)
    # Of all outputs together: their spreads are weights.
    expected = r2_score(targets.astype(np.float64), outputs, multioutput="variance_weighted")
    assert metric_score(network, made) == pytest.approx(expected, rel=1e-5)


def test_an_autoencoder_is_scored_by_the_order_of_its_errors() -> None:
    labels = np.arange(COUNT) % 2
    made = examples(labels, "roc_auc")
    inputs = made.inputs(slice(None), torch.float64).numpy()
    expected = roc_auc_score(labels, np.square(inputs / 2).mean(1))
    assert metric_score(halved(), made) == pytest.approx(expected, rel=1e-4)


def test_without_an_anomaly_by_the_part_that_it_gives_back() -> None:
    made = examples(np.zeros(COUNT, dtype=np.int64), "roc_auc")
    inputs = made.inputs(slice(None), torch.float64).numpy()
    expected = r2_score(inputs, inputs / 2, multioutput="variance_weighted")
    assert metric_score(halved(), made) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("mode", [True, False])
def test_the_network_is_left_in_its_mode(mode: bool) -> None:
    network = halved().train(mode)
    metric_score(network, examples(np.zeros(COUNT, dtype=np.int64), "roc_auc"))
    assert network.training is mode
