"""Thresholds in whole numbers, against every number of a small accumulator."""

import pytest
import torch

from hwcore.digital import activated, code_of, integer_thresholds
from hwcore.mapping import MappedActivation
from hwcore.quant import decision_thresholds

FUNCTIONS = {"relu": 0.0, "sigmoid": 0.0, "tanh": -1.0}


def activation(function: str, bits: int, largest: float) -> MappedActivation:
    levels = torch.linspace(FUNCTIONS[function] * largest, largest, 2**bits, dtype=torch.float64)
    return MappedActivation(function, levels, decision_thresholds(levels))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("bits", [1, 4, 8])
@pytest.mark.parametrize("exponent", [-9, -4, 1])
def test_every_number_gets_the_code_of_the_value_that_it_stands_for(function: str, bits: int, exponent: int) -> None:
    of = activation(function, bits, 0.8)
    assert of.levels is not None
    n = torch.arange(-(2**9), 2**9)
    expected = activated(n.double() * 2.0**exponent, of)
    assert torch.equal(of.levels[code_of(n, integer_thresholds(of, 2.0**exponent, 10))], expected)


def test_a_threshold_that_no_number_reaches_is_beyond_them() -> None:
    steps = integer_thresholds(activation("relu", 2, 300.0), 1.0, 8)
    assert steps.tolist() == [50, 128, 128]
    assert code_of(torch.tensor([-128, 49, 50, 127]), steps).tolist() == [0, 0, 1, 1]


def test_an_activation_without_levels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"activation: got no thresholds; allowed: one with levels"):
        integer_thresholds(MappedActivation("relu", None, None), 1.0, 8)
