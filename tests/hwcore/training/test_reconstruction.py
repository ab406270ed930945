"""Order of normal and anomalous examples: by hand, and as scikit-learn's area under the ROC curve."""

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from hwcore.training import ordered_pairs, squared_errors


def test_by_hand() -> None:
    scores = torch.tensor([0.1, 0.3, 0.3, 0.9])
    anomalous = torch.tensor([False, True, False, True])
    # Pairs: (0.3, 0.1) right, (0.3, 0.3) a tie, (0.9, 0.1) and (0.9, 0.3) right: 3.5 of 4, doubled.
    assert ordered_pairs(scores, anomalous) == 7
    assert ordered_pairs(-scores, anomalous) == 1


@pytest.mark.parametrize("ties", [False, True])
def test_it_is_the_area_of_scikit_learn(ties: bool) -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 300)
    scores = generator.normal(labels * 0.7)
    if ties:
        scores = np.round(scores)
    found = ordered_pairs(torch.from_numpy(scores), torch.from_numpy(labels) > 0)
    pairs = int(labels.sum()) * int((1 - labels).sum())
    assert found / (2 * pairs) == pytest.approx(roc_auc_score(labels, scores), rel=1e-12)


def test_what_is_not_a_number_is_as_little_anomalous_as_can_be() -> None:
    anomalous = torch.tensor([False, True])
    assert ordered_pairs(torch.tensor([0.0, torch.nan]), anomalous) == 0
    assert ordered_pairs(torch.tensor([0.0, torch.inf]), anomalous) == 2


def test_errors_are_means_over_the_outputs_of_an_example() -> None:
    outputs, targets = torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[0.0, 4.0], [0.0, 0.0]])
    assert squared_errors(outputs, targets).tolist() == [2.5, 0.0]
