"""The digital part of a layer: the range of its activation."""

import torch

from hwcore.mapping import MappedActivation


def test_the_largest_level_of_an_activation_is_its_range() -> None:
    levels = torch.tensor([-0.5, 0.5], dtype=torch.float64)
    assert MappedActivation("tanh", levels, levels[:1] + 0.5).largest_level == 0.5
    assert MappedActivation("tanh", None, None).largest_level is None
