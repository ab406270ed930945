"""A convolution position by position: against torch's unfolding, and by hand."""

import pytest
import torch
import torch.nn.functional as F

from hwcore.digital import as_maps, unfolded
from hwcore.spec import Pool, Window


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 0), (2, 2, 1), (4, 3, 2), (1, 1, 0)])
def test_it_is_torch_s_unfolding(kernel: int, stride: int, padding: int) -> None:
    window = Window(3, (6, 5), kernel, stride, padding)
    x = torch.rand(4, 90, dtype=torch.float64)
    expected = F.unfold(x.reshape(4, 3, 6, 5), kernel, padding=padding, stride=stride).permute(0, 2, 1)
    found = unfolded(x, window)
    assert torch.equal(found.reshape(expected.shape), expected)
    maps = as_maps(found, window)
    assert maps.shape == (4, window.rows, *window.map)
    assert torch.equal(maps.flatten(2), expected.permute(0, 2, 1))


def test_by_hand() -> None:
    # 2 x 3 pixels, a kernel of 2 at two positions.
    found = unfolded(torch.arange(1.0, 7.0, dtype=torch.float64)[None], Window(1, (2, 3), 2, 1, 0, Pool(type="max")))
    assert found.tolist() == [[1.0, 2.0, 4.0, 5.0], [2.0, 3.0, 5.0, 6.0]]


def test_a_kernel_may_move_in_one_direction_or_in_none() -> None:
    signal = torch.tensor([[1.0, 2.0, 3.0, 10.0, 20.0, 30.0]], dtype=torch.float64)
    along = Window(2, (3,), kernel=2)
    rows = unfolded(signal, along)
    assert rows.tolist() == [[1.0, 2.0, 10.0, 20.0], [2.0, 3.0, 20.0, 30.0]]
    assert as_maps(rows, along).tolist() == [[[1.0, 2.0], [2.0, 3.0], [10.0, 20.0], [20.0, 30.0]]]
    assert unfolded(signal, Window(6)) is signal
    assert torch.equal(as_maps(signal, Window(6)), signal)
