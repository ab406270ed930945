"""Pooling of whole numbers, against torch's pooling of the same numbers in floating point."""

import pytest
import torch
import torch.nn.functional as F

from hwcore.digital import IntegerOperations
from hwcore.streams import stream

SQUARES = [((2, 2), (2, 2), (0, 0)), ((3, 3), (2, 2), (1, 1)), ((3, 2), (1, 2), (1, 0))]


def numbers(*shape: int) -> torch.Tensor:
    return torch.randint(-50, 50, shape, generator=stream(2))


@pytest.mark.parametrize(("size", "stride", "padding"), SQUARES)
def test_pooling_is_torch_s(size: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int]) -> None:
    x, whole = numbers(3, 4, 7, 8), IntegerOperations("down")
    assert torch.equal(
        whole.max_pool(x, size, stride, padding).double(), F.max_pool2d(x.double(), size, stride, padding)
    )
    means = F.avg_pool2d(x.double(), size, stride, padding)
    # A mean of so few whole numbers is never so close below a whole number.
    assert torch.equal(whole.average_pool(x, size, stride, padding).double(), (means + 1e-9).floor())


def test_a_mean_is_rounded_as_the_mode_says() -> None:
    x = torch.tensor([[[1, 2, 2, 1, -1, -2, 3, 4]]])
    found = {
        mode: IntegerOperations(mode).average_pool(x, (2,), (2,), (0,)).flatten().tolist()
        for mode in ("half_away", "half_even", "down")
    }
    assert found == {"half_away": [2, 2, -2, 4], "half_even": [2, 2, -2, 4], "down": [1, 1, -2, 3]}


def test_parts_are_joined_along_the_channels() -> None:
    first, second = numbers(2, 3, 5), numbers(2, 1, 5)
    assert IntegerOperations("down").concat([first, second]).shape == (2, 4, 5)
