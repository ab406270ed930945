"""The held-out part of the training set."""

import numpy as np
import pytest

from hwcore.datasets import holdout


@pytest.mark.parametrize(
    ("n", "fraction", "held"), [(60_000, 0.1, 6_000), (1_438, 0.1, 144), (2, 0.1, 1), (10, 0.5, 5)]
)
def test_parts_are_disjoint_sorted_and_together_everything(n: int, fraction: float, held: int) -> None:
    train, validation = holdout(n, seed=3, fraction=fraction)
    assert len(validation) == held
    for part in (train, validation):
        assert part.dtype == np.int64
        assert np.all(np.diff(part) > 0)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, validation])), np.arange(n))


def test_the_seed_decides() -> None:
    same, again, other = (holdout(1000, seed)[1] for seed in (5, 5, 6))
    np.testing.assert_array_equal(same, again)
    assert len(np.intersect1d(same, other)) < 50


def test_every_image_is_held_out_equally_often() -> None:
    counts = np.zeros(50)
    for seed in range(2000):
        counts[holdout(50, seed, fraction=0.2)[1]] += 1
    # 2000 draws with p = 0.2: mean 400, standard deviation 17.9.
    assert abs(counts - 400).max() < 5 * 17.9


@pytest.mark.parametrize(
    ("n", "fraction"), [(1, 0.1), (0, 0.1), (10, 0.0), (10, 1.0), (10, 0.99), (10, -0.1), (10, float("nan"))]
)
def test_refuses_to_leave_a_side_empty(n: int, fraction: float) -> None:
    with pytest.raises(ValueError, match=f"got n={n}, fraction="):
        holdout(n, seed=0, fraction=fraction)
