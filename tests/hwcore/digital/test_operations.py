"""Functions that kinds of nodes call, by hand."""

import torch

from hwcore.digital import OPERATIONS
from hwcore.spec import Operations

MAP = torch.tensor([[[[1.0, 2.0, 9.0], [3.0, 6.0, 9.0], [9.0, 9.0, 9.0]]]])
ROW = torch.tensor([[[1.0, 2.0, 3.0, 6.0, 9.0]]])


def test_torch_fulfils_the_protocol() -> None:
    assert isinstance(OPERATIONS, Operations)


def test_squares_that_are_not_whole_are_dropped() -> None:
    assert OPERATIONS.max_pool(MAP, (2, 2), (2, 2), (0, 0)).tolist() == [[[[6.0]]]]
    assert OPERATIONS.average_pool(MAP, (2, 2), (2, 2), (0, 0)).tolist() == [[[[3.0]]]]


def test_a_map_of_one_direction() -> None:
    assert OPERATIONS.max_pool(ROW, (2,), (2,), (0,)).tolist() == [[[2.0, 6.0]]]
    assert OPERATIONS.average_pool(ROW, (2,), (2,), (0,)).tolist() == [[[1.5, 4.5]]]


def test_margins_are_zeros_of_a_mean_and_never_the_largest() -> None:
    assert OPERATIONS.average_pool(ROW, (2,), (2,), (1,)).tolist() == [[[0.5, 2.5, 7.5]]]
    assert OPERATIONS.max_pool(-ROW, (2,), (2,), (1,)).tolist() == [[[-1.0, -2.0, -6.0]]]


def test_channels_side_by_side() -> None:
    assert OPERATIONS.concat([ROW, 2 * ROW]).tolist() == [[ROW[0, 0].tolist(), (2 * ROW[0, 0]).tolist()]]
