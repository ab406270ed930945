"""The activation functions by name."""

import math

import pytest
import torch

from hwcore.quant import activation_function


def test_by_hand() -> None:
    x = torch.tensor([-1.0, 0.0, 2.0], dtype=torch.float64)
    assert activation_function("relu")(x).tolist() == [0.0, 0.0, 2.0]
    assert activation_function("tanh")(x).tolist() == pytest.approx([math.tanh(-1), 0, math.tanh(2)], rel=1e-15)
    expected = [1 / (1 + math.e), 0.5, 1 / (1 + math.exp(-2))]
    assert activation_function("sigmoid")(x).tolist() == pytest.approx(expected, rel=1e-15)


def test_another_name_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'gelu'; allowed: relu, sigmoid, tanh"):
        activation_function("gelu")
