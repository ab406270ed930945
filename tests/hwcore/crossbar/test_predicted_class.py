"""The predicted class: the largest logit, and of equal ones the first."""

import torch

from hwcore.crossbar import predicted_class


def predicted(*rows: list[float]) -> list[int]:
    return predicted_class(torch.tensor(rows, dtype=torch.float64)).tolist()


def test_the_largest_logit_wins() -> None:
    assert predicted([1.0, 3.0, 2.0], [-1.0, -3.0, -2.0], [0.0, 0.0, 1e-300]) == [1, 0, 2]


def test_of_equal_logits_the_first_wins() -> None:
    assert predicted([1.0, 3.0, 3.0], [0.0, 0.0, 0.0]) == [1, 0]


def test_the_last_bits_decide_nothing() -> None:
    up = 3.0 * (1 + 1e-14)
    assert predicted([1.0, 3.0, up], [1.0, up, 3.0], [3.0, 3.0 * (1 + 1e-8), 0.0]) == [1, 1, 1]
    # Small differences beside a large logit, of either sign, are rounding as well.
    assert predicted([0.0, 1e-12, -1e3]) == [0]


def test_generic_logits_are_decided_as_by_argmax() -> None:
    logits = torch.randn(5000, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(predicted_class(logits), logits.argmax(1))
