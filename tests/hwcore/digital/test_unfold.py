"""A convolution position by position: against torch's unfolding, and by hand."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from hwcore.digital import as_maps, unfolded
from hwcore.spec import Window


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 0), (2, 2, 1), (4, 3, 2), (1, 1, 0)])
def test_it_is_torch_s_unfolding(kernel: int, stride: int, padding: int) -> None:
    window = Window.of(3, (6, 5), kernel, stride, padding)
    x = torch.rand(4, 90, dtype=torch.float64)
    expected = F.unfold(x.reshape(4, 3, 6, 5), kernel, padding=padding, stride=stride).permute(0, 2, 1)
    found = unfolded(x, window)
    assert torch.equal(found.reshape(expected.shape), expected)
    maps = as_maps(found, window)
    assert maps.shape == (4, window.rows, *window.map)
    assert torch.equal(maps.flatten(2), expected.permute(0, 2, 1))


def test_by_hand() -> None:
    # 2 x 3 pixels, a kernel of 2 at two positions.
    found = unfolded(torch.arange(1.0, 7.0, dtype=torch.float64)[None], Window.of(1, (2, 3), 2))
    assert found.tolist() == [[1.0, 2.0, 4.0, 5.0], [2.0, 3.0, 5.0, 6.0]]


def test_margins_may_differ_pixels_may_be_apart_and_groups_come_one_after_another() -> None:
    # Two channels of three pixels, one zero before them; under the kernel are two pixels that are two apart.
    signal = torch.tensor([[1.0, 2.0, 3.0, 10.0, 20.0, 30.0]], dtype=torch.float64)
    window = Window.of(2, (3,), kernel=2, dilation=2, padding=[(1, 0)], groups=2)
    assert unfolded(signal, window).tolist() == [[0.0, 2.0, 0.0, 20.0], [1.0, 3.0, 10.0, 30.0]]


def test_it_is_what_numpy_finds_under_the_kernel() -> None:
    window = Window.of(2, (6, 5), (2, 3), (3, 1), ((1, 2), (0, 1)), (2, 1))
    x = np.random.default_rng(0).random((4, 2, 6, 5))
    wide = np.pad(x, ((0, 0), (0, 0), (1, 2), (0, 1)))
    expected = [
        [image[channel, 3 * y + 2 * down, x + right] for channel in range(2) for down in range(2) for right in range(3)]
        for image in wide
        for y in range(window.map[0])
        for x in range(window.map[1])
    ]
    assert unfolded(torch.from_numpy(x).flatten(1), window).tolist() == expected


def test_a_kernel_may_move_in_one_direction_or_in_none() -> None:
    signal = torch.tensor([[1.0, 2.0, 3.0, 10.0, 20.0, 30.0]], dtype=torch.float64)
    along = Window.of(2, (3,), kernel=2)
    rows = unfolded(signal, along)
    assert rows.tolist() == [[1.0, 2.0, 10.0, 20.0], [2.0, 3.0, 20.0, 30.0]]
    assert as_maps(rows, along).tolist() == [[[1.0, 2.0], [2.0, 3.0], [10.0, 20.0], [20.0, 30.0]]]
    assert unfolded(signal, Window(6)) is signal
    assert torch.equal(as_maps(signal, Window(6)), signal)
