"""The dense layer of cells: both modes by hand and against the formula, gradients, shapes, refusals."""

import math

import pytest
import torch
import torch.nn.functional as F

from hwcore.layers import HardwareLinear, weight_values
from hwcore.quant import Staircase, smooth_staircase
from hwcore.spec import Hardware
from tests.hwcore.spec.chips import chip

CELL = {"levels": 3, "g_max": 8e-6}
"""Weights of -1, -0.5, 0, 0.5 and 1."""
UNSYMMETRIC = {"levels": 3, "g_max": 8e-6, "on_off_ratio": 8, "negative": {"gain": 0.8}}
VALUES = [-0.75, -2.6 / 7.2, 0.2 / 7.2, 3.7 / 7.2, 1.0]


def described(cell: dict[str, object] = CELL, scale: str = "per_column", bias: str = "digital") -> Hardware:
    return chip(cell, weights={"scale": scale, "bias": bias})


def table(values: object) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def filled(hardware: Hardware, theta: list[list[float]], scale: list[float], bias: list[float]) -> HardwareLinear:
    """A layer of these latent weights, scales and (latent) biases, in float64."""
    layer = HardwareLinear(len(theta[0]), len(theta), hardware).double()
    with torch.no_grad():
        layer.theta.copy_(table(theta))
        layer.log_scale.copy_(table(scale).log())
        layer.bias.copy_(table(bias))
    return layer


def drawn(hardware: Hardware, sharpness: float = 2.0) -> HardwareLinear:
    generator = torch.Generator().manual_seed(0)
    layer = HardwareLinear(6, 4, hardware, generator=generator).double()
    with torch.no_grad():
        layer.theta.normal_(generator=generator).mul_(0.6)
        layer.log_scale.normal_(generator=generator)
        layer.bias.normal_(generator=generator)
    layer.staircase.sharpen(sharpness)
    return layer


def test_the_weights_of_a_description() -> None:
    torch.testing.assert_close(weight_values(described(UNSYMMETRIC)), table(VALUES), rtol=1e-12, atol=0)


def test_hard_values_with_a_digital_bias_by_hand() -> None:
    # Weights 0.5, 0, -1 and 1, -0.5, 0; x = (1, 2, 3): currents -2.5 and 0.
    layer = filled(described(), [[0.3, 0.2, -0.8], [5.0, -0.6, 0.24]], [2.0, 3.0], [0.7, -0.1]).eval()
    found = layer(table([[1.0, 2.0, 3.0]]))
    torch.testing.assert_close(found, table([[2 * -2.5 + 0.7, -0.1]]), rtol=1e-14, atol=1e-15)
    assert layer.value_index().tolist() == [[3, 2, 0], [4, 1, 2]]


def test_hard_values_with_a_bias_row_by_hand() -> None:
    # The same currents, and bias cells of 0.5 and -1 driven with 4.
    layer = filled(described(bias="array_row"), [[0.3, 0.2, -0.8], [5.0, -0.6, 0.24]], [2.0, 3.0], [0.6, -0.9]).eval()
    found = layer(table([[1.0, 2.0, 3.0]]), 4.0)
    torch.testing.assert_close(found, table([[2 * (-2.5 + 2), 3 * -4.0]]), rtol=1e-14, atol=1e-15)
    assert layer.value_index().tolist() == [[3, 2, 0, 3], [4, 1, 2, 0]]


def test_one_scale_for_the_whole_layer() -> None:
    layer = filled(described(scale="per_layer"), [[1.0], [-0.5]], [3.0], [0.0, 1.0]).eval()
    assert layer.log_scale.shape == (1,)
    torch.testing.assert_close(layer(table([[2.0]])), table([[6.0, -2.0]]), rtol=1e-14, atol=0)


@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("scale", ["per_layer", "per_column"])
def test_training_is_the_smooth_formula_in_value_and_gradient(scale: str, bias: str) -> None:
    layer = drawn(described(UNSYMMETRIC, scale, bias))
    x = torch.randn(50, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_()

    def formula() -> torch.Tensor:
        w = smooth_staircase(layer.theta, table(VALUES), 2.0)
        if bias == "array_row":
            return layer.scale * (F.linear(x, w) + 1.5 * smooth_staircase(layer.bias, table(VALUES), 2.0))
        return layer.scale * F.linear(x, w) + layer.bias

    leaves = [x, layer.theta, layer.log_scale, layer.bias]
    found, expected = layer(x, 1.5), formula()
    # The table is read at the nearest of its points: half a point off, 2e-3 of a step at most.
    assert float((found - expected).abs().max().detach()) < 5e-3 * float(expected.abs().max().detach())
    gradients = torch.autograd.grad(found.square().sum(), leaves)
    for mine, theirs in zip(gradients, torch.autograd.grad(expected.square().sum(), leaves), strict=True):
        assert float((mine - theirs).abs().max()) < 2e-2 * float(theirs.abs().max())


@pytest.mark.parametrize("method", ["smooth", "straight_through"])
def test_gradcheck_of_what_is_no_table(method: str) -> None:
    layer = HardwareLinear(6, 4, described(UNSYMMETRIC), method=method).double()
    x = torch.randn(5, 6, dtype=torch.float64, requires_grad=True)
    log_scale, bias = (torch.randn(4, dtype=torch.float64, requires_grad=True) for _ in range(2))

    def forward(x: torch.Tensor, log_scale: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, {"log_scale": log_scale, "bias": bias}, (x,))

    assert torch.autograd.gradcheck(forward, (x, log_scale, bias))


def test_straight_through_trains_with_hard_values() -> None:
    layer = HardwareLinear(6, 4, described(), method="straight_through").double()
    x = torch.randn(5, 6, dtype=torch.float64)
    trained = layer(x)
    (gradient,) = torch.autograd.grad(trained.sum(), layer.theta)
    torch.testing.assert_close(gradient, (layer.scale[:, None] * x.sum(0)).detach(), rtol=1e-12, atol=1e-14)
    assert torch.equal(layer.eval()(x), trained)


def test_sharp_training_is_evaluation() -> None:
    layer = drawn(described(UNSYMMETRIC), sharpness=5000.0)
    x = torch.randn(50, 6, dtype=torch.float64)
    soft, hard = layer(x), layer.eval()(x)
    assert float((soft - hard).abs().max().detach()) < 1e-6 * float(hard.abs().max().detach())


def test_the_effect_off_a_fine_cell_is_a_plain_linear_layer() -> None:
    hardware = chip({"levels": 256, "g_max": 8e-6})
    layer = HardwareLinear(6, 4, hardware).double().eval()
    with torch.no_grad():
        layer.theta.uniform_(-1, 1)
    x = torch.randn(5, 6, dtype=torch.float64)
    expected = F.linear(x, layer.theta) * layer.scale + layer.bias
    assert float((layer(x) - expected).abs().max().detach()) < 6 * 3 / 510 * float(layer.scale.max().detach())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", ["digital", "array_row"])
def test_shapes_and_dtypes(bias: str, dtype: torch.dtype) -> None:
    layer = HardwareLinear(6, 4, described(bias=bias)).to(dtype)
    for mode in (True, False):
        assert layer.train(mode)(torch.rand(3, 6, dtype=dtype)).dtype == dtype
        assert layer(torch.rand(0, 6, dtype=dtype)).shape == (0, 4)
    assert layer.theta.shape == (4, 6)
    assert layer.value_index().shape == (4, 6 + (bias == "array_row"))


def test_the_initial_latent_weights_come_from_the_generator() -> None:
    first, second, other = (
        HardwareLinear(200, 100, described(), generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first.theta, second.theta)
    assert not torch.equal(first.theta, other.theta)
    assert float(first.theta.std().detach()) == pytest.approx(0.12, rel=0.03)
    assert first.log_scale.tolist() == pytest.approx([math.log(2 / math.sqrt(200))] * 100, rel=1e-6)
    assert not first.bias.any()


def test_a_shared_staircase_is_one() -> None:
    shared = Staircase(weight_values(described()), sharpness=3.0)
    layers = [HardwareLinear(6, 4, described(), staircase=shared) for _ in range(2)]
    layers[0].staircase.sharpen(9.0)
    assert layers[1].staircase.sharpness == 9.0


def test_the_parameters_are_ordinary_and_load_again() -> None:
    layer = HardwareLinear(6, 4, described())
    assert {name for name, _ in layer.named_parameters()} == {"theta", "log_scale", "bias"}
    assert set(layer.state_dict()) == {"theta", "log_scale", "bias", "staircase.schedule"}
    other = HardwareLinear(6, 4, described())
    other.load_state_dict(layer.state_dict())
    x = torch.rand(3, 6)
    assert torch.equal(other.eval()(x), layer.eval()(x))
    assert "in_features=6, out_features=4, bias=digital" in repr(layer)


@pytest.mark.parametrize(("scale", "bias"), [("per_layer", "digital"), ("per_column", "array_row")])
def test_a_scale_or_bias_that_the_chip_has_is_not_normalised_away(scale: str, bias: str) -> None:
    with pytest.raises(
        ValueError, match=f"weights.bias {bias} and weights.scale {scale}; allowed: digital and per_col"
    ):
        HardwareLinear(3, 2, described(scale=scale, bias=bias), normalized=True)
