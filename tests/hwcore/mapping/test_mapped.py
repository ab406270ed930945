"""A mapped layer: its bias row, and the sum over its arrays."""

from dataclasses import replace

import pytest
import torch

from tests.hwcore.crossbar.small_networks import layer

ONE = layer([[3e-6, 1e-6], [1e-6, 3e-6]], [[1e-6, 0], [2e-6, 0]], scale=[1e6, -2e6], bias=[0.25, 1.0])


def test_a_row_beyond_the_inputs_is_the_bias_row() -> None:
    assert ONE.bias_drive is None
    with_row = layer([[1e-6], [2e-6]], [[0.0], [0.0]], scale=[1.0], bias=[0.0], bias_drive=1.5)
    assert (with_row.plan.inputs, with_row.rows, with_row.cols, with_row.bias_drive) == (1, 2, 1, 1.5)


def test_one_array_is_the_layer() -> None:
    assert ONE.array is ONE.arrays[0]
    assert torch.equal(ONE.difference, ONE.array.pairs.g.difference)


def test_several_arrays_add_up_by_their_significance() -> None:
    high, low = replace(ONE.array, name="high", significance=4.0), replace(ONE.array, name="low", significance=-0.5)
    both = replace(ONE, arrays=(high, low))
    torch.testing.assert_close(both.difference, 3.5 * ONE.difference, rtol=1e-12, atol=0)
    assert torch.equal(both.summed([torch.ones(3), torch.full((3,), 2.0)]), torch.full((3,), 3.0))
    with pytest.raises(ValueError, match="got 2 arrays; allowed: one"):
        _ = both.array
    with pytest.raises(ValueError, match="zip"):
        both.summed([torch.ones(3)])
