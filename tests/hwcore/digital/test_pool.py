"""Pooling by hand, as a pure function."""

import pytest
import torch

from hwcore.digital import pooled
from hwcore.spec import Pool

MAP = torch.tensor([[[[1.0, 2.0, 9.0], [3.0, 6.0, 9.0], [9.0, 9.0, 9.0]]]])


@pytest.mark.parametrize(("kind", "expected"), [("max", 6.0), ("average", 3.0)])
def test_squares_that_are_not_whole_are_dropped(kind: str, expected: float) -> None:
    assert pooled(MAP, Pool.model_validate({"type": kind, "size": 2})).tolist() == [[[[expected]]]]


@pytest.mark.parametrize(("kind", "expected"), [("max", [2.0, 6.0]), ("average", [1.5, 4.5])])
def test_a_map_of_one_direction(kind: str, expected: list[float]) -> None:
    row = torch.tensor([[[1.0, 2.0, 3.0, 6.0, 9.0]]])
    assert pooled(row, Pool.model_validate({"type": kind, "size": 2})).tolist() == [[expected]]


def test_without_a_pool_nothing_changes() -> None:
    assert pooled(MAP, None) is MAP
