"""Quantised activations: levels and values by hand, ranges of every kind, gradients against the formula."""

import math
from typing import Any

import pytest
import torch

from hwcore.layers import HardwareActivation, unit_levels
from hwcore.quant import Staircase, activation_function, smooth_staircase
from hwcore.spec import Activation

FUNCTIONS = ("relu", "sigmoid", "tanh")


def table(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def hardened(initial_range: float | None = None, **described: Any) -> HardwareActivation:
    return HardwareActivation(Activation(**described), initial_range=initial_range).double().eval()


def test_levels_by_hand() -> None:
    thirds = table(0, 1 / 3, 2 / 3, 1)
    torch.testing.assert_close(unit_levels(Activation(bits=2)), thirds, rtol=1e-15, atol=0)
    torch.testing.assert_close(unit_levels(Activation(function="sigmoid", bits=2)), thirds, rtol=1e-15, atol=0)
    signed = table(-1, -1 / 3, 1 / 3, 1)
    torch.testing.assert_close(unit_levels(Activation(function="tanh", bits=2)), signed, rtol=1e-15, atol=0)
    assert unit_levels(Activation(bits=1)).tolist() == [0, 1]
    assert unit_levels(Activation(function="tanh", bits=1)).tolist() == [-1, 1]
    assert len(unit_levels(Activation(bits=8))) == 256


def test_without_bits_there_are_no_levels() -> None:
    with pytest.raises(ValueError, match="got null; allowed: a number of bits, 1 to 8"):
        unit_levels(Activation())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_off_it_is_the_plain_function(function: str) -> None:
    activation = HardwareActivation(Activation(function=function))
    x = torch.randn(5, 7)
    for mode in (True, False):
        assert torch.equal(activation.train(mode)(x), activation_function(function)(x))
    assert float(activation.full_scale) == 1.0


def test_relu_by_hand() -> None:
    # Levels 0, 1, 2, 3; thresholds 0.5, 1.5, 2.5; a tie goes up.
    activation = hardened(bits=2, range=3.0)
    x = table(-5, -0.1, 0.4, 0.5, 0.6, 1.4, 1.6, 2.6, 40)
    assert activation(x[None]).tolist() == [[0, 0, 0, 1, 1, 1, 2, 3, 3]]
    assert float(activation.full_scale) == 3.0


def test_sigmoid_by_hand() -> None:
    # Levels 0 and 0.5, threshold 0.25: reached from x = -ln 3.
    activation = hardened(function="sigmoid", bits=1, range=0.5)
    assert activation(table(-5, -1.0987, -1.0985, 0, 9)[None]).tolist() == [[0, 0, 0.5, 0.5, 0.5]]


def test_tanh_by_hand() -> None:
    # Levels -0.9, -0.3, 0.3, 0.9; thresholds -0.6, 0, 0.6; zero goes up.
    activation = hardened(function="tanh", bits=2, range=0.9)
    x = table(-4, math.atanh(-0.61), math.atanh(-0.59), -1e-6, 0, 1e-6, math.atanh(0.61), 4)
    torch.testing.assert_close(activation(x[None]), 0.3 * table(-3, -3, -1, -1, 1, 1, 3, 3)[None], rtol=1e-14, atol=0)


@pytest.mark.parametrize("bits", [1, 2, 3, 8])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_levels_come_out_and_the_nearest_at_that(function: str, bits: int) -> None:
    activation = hardened(function=function, bits=bits, initial_range=0.8)
    x = torch.linspace(-3, 3, 1001, dtype=torch.float64)[None]
    found = activation(x).detach()
    levels = unit_levels(activation.activation) * activation.range.detach()
    assert float((found[..., None] - levels).abs().min(-1).values.max()) < 1e-15
    nearest = (activation_function(function)(x)[..., None] - levels).abs().min(-1).values
    assert float(((found - activation_function(function)(x)).abs() - nearest).abs().max()) < 2e-9
    assert bool((found.diff() >= 0).all())


def test_what_the_range_starts_from() -> None:
    for function, expected in (("relu", 2.0), ("sigmoid", 1.0), ("tanh", 1.0)):
        described = Activation(function=function, bits=2)
        assert float(HardwareActivation(described).range.detach()) == pytest.approx(expected, rel=1e-6)
        assert float(HardwareActivation(described, initial_range=3.5).range.detach()) == pytest.approx(3.5, rel=1e-6)


def test_only_a_learned_range_is_a_parameter_and_only_a_given_one_stays() -> None:
    learned, calibrated, given = (
        HardwareActivation(Activation(bits=2, range=r)) for r in ("learned", "calibrated", 2.7)
    )
    assert [name for name, _ in learned.named_parameters()] == ["log_range"]
    assert not list(calibrated.parameters())
    assert not list(given.parameters())
    assert set(calibrated.state_dict()) == set(given.state_dict()) == {"log_range", "staircase.schedule"}
    for activation, expected in ((learned, 1.3), (calibrated, 1.3), (given, 2.7)):
        activation.set_range(1.3)
        assert float(activation.range.detach()) == pytest.approx(expected, rel=1e-6)
    assert float(given.double().range) == 2.7


def test_after_normalisation_the_range_of_relu_is_not_trained_and_that_of_the_others_is() -> None:
    for function, trained in (("relu", []), ("sigmoid", ["log_range"]), ("tanh", ["log_range"])):
        activation = HardwareActivation(Activation(function=function, bits=2), normalized=True)
        assert [name for name, _ in activation.named_parameters()] == trained
        assert set(activation.state_dict()) == {"log_range", "staircase.schedule"}
        activation.set_range(1.3)
        assert float(activation.range.detach()) == pytest.approx(1.3, rel=1e-6)
    x = torch.linspace(-1, 4, 50)
    free, fixed = (HardwareActivation(Activation(bits=2), normalized=normalized) for normalized in (False, True))
    assert torch.equal(free(x), fixed(x))


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_range_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="allowed: a number above 0"):
        HardwareActivation(Activation(bits=2), initial_range=value)
    with pytest.raises(ValueError, match="allowed: a number above 0"):
        HardwareActivation(Activation(bits=2)).set_range(value)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_training_is_the_smooth_formula_in_value_and_gradient(function: str) -> None:
    activation = HardwareActivation(Activation(function=function, bits=2), initial_range=1.2).double()
    assert activation.staircase is not None
    activation.staircase.sharpen(3.0)
    x = torch.linspace(-4, 4, 401, dtype=torch.float64).reshape(1, -1).requires_grad_()

    def formula() -> torch.Tensor:
        # relu has no kink of its own in training: the lowest step takes its place.
        y = x if function == "relu" else activation_function(function)(x)
        return activation.range * smooth_staircase(y / activation.range, unit_levels(activation.activation), 3.0)

    leaves = [x, activation.log_range]
    weights = torch.linspace(0.5, 1.5, 401, dtype=torch.float64)
    found, expected = activation(x), formula()
    assert float((found - expected).abs().max().detach()) < 2e-3
    mine = torch.autograd.grad((found * weights).sum(), leaves)
    theirs = torch.autograd.grad((expected * weights).sum(), leaves)
    assert float((mine[0] - theirs[0]).abs().max()) < 1e-2
    assert float(mine[1]) == pytest.approx(float(theirs[1]), rel=1e-2)


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shapes_and_dtypes(dtype: torch.dtype, method: str) -> None:
    activation = HardwareActivation(Activation(bits=3), method=method).to(dtype)
    for mode in (True, False):
        activation.train(mode)
        assert activation(torch.randn(2, 3, 4, dtype=dtype)).shape == (2, 3, 4)
        assert activation(torch.randn(0, 4, dtype=dtype)).dtype == dtype


def test_a_shared_staircase_is_one() -> None:
    described = Activation(bits=2)
    shared = Staircase(unit_levels(described), sharpness=3.0)
    first, second = (HardwareActivation(described, staircase=shared) for _ in range(2))
    assert first.staircase is second.staircase
    assert "function=relu, bits=2, range=2" in repr(first)
