"""A convolution position by position: against torch's unfolding, by hand, and in bounded batches."""

import pytest
import torch
import torch.nn.functional as F

from hwcore.crossbar import NUMBERS, array_logits, as_designed, simulate
from hwcore.crossbar.network import BATCH, simulated_at_once
from hwcore.crossbar.unfold import as_maps, unfolded
from hwcore.layers import map_network
from hwcore.spec import Pool, Window, described_model, network_plan
from tests.hwcore.layers.drawn_networks import described, drawn_codes, drawn_network, drawn_plan


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 0), (2, 2, 1), (4, 3, 2), (1, 1, 0)])
def test_it_is_torch_s_unfolding(kernel: int, stride: int, padding: int) -> None:
    window = Window(3, 6, 5, kernel, stride, padding, None)
    x = torch.rand(4, 90, dtype=torch.float64)
    expected = F.unfold(x.reshape(4, 3, 6, 5), kernel, padding=padding, stride=stride).permute(0, 2, 1)
    found = unfolded(x, window)
    assert torch.equal(found.reshape(expected.shape), expected)
    maps = as_maps(found, window)
    assert maps.shape == (4, window.rows, *window.map)
    assert torch.equal(maps.flatten(2), expected.permute(0, 2, 1))


def test_by_hand() -> None:
    # 2 x 3 pixels, a kernel of 2 at two positions.
    found = unfolded(torch.arange(1.0, 7.0, dtype=torch.float64)[None], Window(1, 2, 3, 2, 1, 0, Pool(type="max")))
    assert found.tolist() == [[1.0, 2.0, 4.0, 5.0], [2.0, 3.0, 5.0, 6.0]]


def test_batches_are_small_where_positions_multiply_them() -> None:
    hardware = described("ratio 2", "relu of 2 bits", {"bias": "array_row"}, 128, 128)
    mapped = map_network(drawn_plan(hardware, network_plan(described_model("lenet-5"), "mnist"), "none"))
    # conv1: 26 rows at 784 positions.
    assert simulated_at_once(mapped) == NUMBERS // (784 * 26)
    assert simulated_at_once(map_network(drawn_network(hardware, (6, 5), "none"))) == BATCH
    codes = drawn_codes(2 * simulated_at_once(mapped) + 3, 784)
    found = array_logits(mapped, as_designed(mapped), codes, 1 / 15)
    expected = simulate(mapped, as_designed(mapped), codes[-5:].double() / 15)
    assert len(found) == len(codes)
    torch.testing.assert_close(found[-5:], expected, rtol=1e-9, atol=1e-12)
