"""The activation of a mapped layer by hand, for any shape and in either precision."""

import pytest
import torch

from hwcore.digital import activated
from hwcore.mapping import MappedActivation


def table(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_levels_change_at_their_thresholds(dtype: torch.dtype) -> None:
    quantised = MappedActivation("relu", table(0.0, 1.0, 2.0, 3.0), table(0.5, 1.5, 2.5))
    z = torch.tensor([[-1.0, 0.25, 0.5], [1.75, 2.5, 9.0]], dtype=dtype)
    found = activated(z, quantised)
    assert found.dtype == dtype
    assert found.tolist() == [[0.0, 0.0, 1.0], [2.0, 3.0, 3.0]]


def test_without_levels_it_is_the_function() -> None:
    z = torch.randn(2, 3, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for name, function in (("relu", torch.relu), ("sigmoid", torch.sigmoid), ("tanh", torch.tanh)):
        assert torch.equal(activated(z, MappedActivation(name, None, None)), function(z))


def test_another_function_is_refused() -> None:
    with pytest.raises(ValueError, match="function: got 'gelu'; allowed: relu, sigmoid, tanh"):
        activated(table(0.0), MappedActivation("gelu", None, None))
