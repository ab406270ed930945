"""The schedule: geometric from start to end."""

from itertools import pairwise

import pytest

from hwcore.quant import sharpness_at


def test_by_hand() -> None:
    assert sharpness_at(0.0, 0.5, 32.0) == 0.5
    assert sharpness_at(0.5, 0.5, 32.0) == pytest.approx(4.0, rel=1e-15)
    assert sharpness_at(1.0, 0.5, 32.0) == pytest.approx(32.0, rel=1e-15)


def test_every_share_of_the_training_sharpens_by_the_same_factor() -> None:
    points = [sharpness_at(k / 10, 2.0, 24.0) for k in range(11)]
    factors = [after / before for before, after in pairwise(points)]
    assert factors == pytest.approx([12 ** (1 / 10)] * 10, rel=1e-12)
