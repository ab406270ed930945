"""Labelled inputs, and the share of them that a network gets right."""

import numpy as np
import pytest
import torch
from torch import nn

from hwcore.training import Examples, accuracy
from hwcore.training.batches import EVALUATION_BATCH
from tests.hwcore.training.small_examples import drawn, typed


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_inputs_are_codes_times_lsb(dtype: torch.dtype) -> None:
    examples = typed([[0, 15], [3, 6], [9, 12]], [0, 1, 2], lsb=1 / 15)
    assert len(examples) == 3
    found = examples.inputs(torch.tensor([2, 0]), dtype)
    assert found.dtype == dtype
    torch.testing.assert_close(found, torch.tensor([[0.6, 0.8], [0, 1]], dtype=dtype), rtol=1e-6, atol=0)
    torch.testing.assert_close(examples.inputs(slice(1, 2), dtype), torch.tensor([[0.2, 0.4]], dtype=dtype))
    assert examples.codes.tolist() == [[0, 15], [3, 6], [9, 12]]


def test_accuracy_by_hand() -> None:
    # The class is the larger pixel; three of four labels say so.
    examples = typed([[5, 1], [1, 5], [9, 2], [2, 9]], [0, 1, 0, 0])
    assert accuracy(nn.Identity(), examples) == 0.75


def test_accuracy_goes_through_every_batch() -> None:
    examples = drawn(2 * EVALUATION_BATCH + 3, 4, classes=4)
    expected = (examples.codes.numpy().argmax(1) == examples.labels.numpy()).mean()
    assert accuracy(nn.Identity(), examples) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("mode", [True, False])
def test_accuracy_judges_in_evaluation_mode_and_gives_the_mode_back(mode: bool) -> None:
    class Watched(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert not self.training
            return x

    network = Watched().train(mode)
    accuracy(network, drawn(10, 4))
    assert network.training is mode


def test_of_takes_numpy_arrays() -> None:
    codes = np.arange(12, dtype=np.uint8).reshape(2, 3, 2)
    examples = Examples.of(codes, 0.5, np.array([1, 0]), torch.device("cpu"))
    assert examples.labels.dtype == torch.int64
    assert examples.input_shape == (1, 3, 2)
    # Row after row.
    assert examples.inputs(slice(None), torch.float64).tolist() == (codes.reshape(2, 6) * 0.5).tolist()


@pytest.mark.parametrize(
    ("shape", "said", "found"),
    [((3, 4, 4), None, (3, 4, 4)), ((2, 5), (2, 5), (2, 5)), ((5, 2), None, (1, 5, 2)), ((7,), None, (7,))],
)
def test_the_shape_of_an_example(shape: tuple[int, ...], said: tuple[int, ...] | None, found: tuple[int, ...]) -> None:
    codes = np.arange(-10, -10 + 2 * int(np.prod(shape)), dtype=np.int16).reshape(2, *shape)
    examples = Examples.of(codes, 0.5, np.array([1, 0]), torch.device("cpu"), said)
    assert examples.input_shape == found
    assert examples.codes.dtype == torch.int16
    assert examples.inputs(slice(None), torch.float64).tolist() == (codes.reshape(2, -1) * 0.5).tolist()
