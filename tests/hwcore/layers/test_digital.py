"""The module of pooling: by hand, in both modes."""

import pytest
import torch

from hwcore.layers import Pooling
from hwcore.spec import Pool

MAP = torch.tensor([[[[1.0, 2.0, 9.0], [3.0, 6.0, 9.0], [9.0, 9.0, 9.0]]]])


@pytest.mark.parametrize(("kind", "expected"), [("max", 6.0), ("average", 3.0)])
def test_squares_that_are_not_whole_are_dropped(kind: str, expected: float) -> None:
    pooling = Pooling(Pool.model_validate({"type": kind, "size": 2}))
    assert pooling(MAP).tolist() == [[[[expected]]]]
    assert f"type={kind}, size=2" in repr(pooling)


def test_the_mode_changes_nothing() -> None:
    pooling = Pooling(Pool(type="average", size=3))
    assert torch.equal(pooling.train()(MAP), pooling.eval()(MAP))
