"""Convolutions of cells: against torch's own, against the dense layer on unfolded inputs, by hand, gradients."""

import math

import pytest
import torch
import torch.nn.functional as F

from hwcore.layers import HardwareConv2d, HardwareConvolution, HardwareLinear, sharpen
from hwcore.quant import Staircase, hard_staircase
from hwcore.spec import Hardware
from tests.hwcore.spec.chips import chip

UNSYMMETRIC = {"levels": 3, "g_max": 8e-6, "on_off_ratio": 8, "negative": {"gain": 0.8}}
GEOMETRIES = [(3, 1, 0), (3, 2, 1), (1, 1, 0), (2, 3, 2), (5, 1, 2)]
"""Kernel, stride, padding."""


def described(scale: str = "per_column", bias: str = "digital") -> Hardware:
    return chip(UNSYMMETRIC, weights={"scale": scale, "bias": bias})


def drawn(hardware: Hardware, kernel: int = 3, stride: int = 1, padding: int = 0) -> HardwareConv2d:
    """Two channels to four, in float64, with latent weights all over the levels."""
    generator = torch.Generator().manual_seed(0)
    layer = HardwareConv2d(2, 4, kernel, hardware, stride=stride, padding=padding, generator=generator).double()
    with torch.no_grad():
        layer.theta.normal_(generator=generator).mul_(0.6)
        layer.log_scale.normal_(generator=generator)
        layer.bias.normal_(generator=generator)
    return layer


def images(count: int = 5) -> torch.Tensor:
    return torch.rand(count, 2, 7, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize("scale", ["per_column", "per_layer"])
@pytest.mark.parametrize(("kernel", "stride", "padding"), GEOMETRIES)
def test_hard_values_are_torch_s_convolution(kernel: int, stride: int, padding: int, scale: str, bias: str) -> None:
    layer = drawn(described(scale, bias), kernel, stride, padding).eval()
    values, drive = layer.staircase.exact, 1.7
    scales = layer.scale.expand(4)[:, None, None]
    expected = F.conv2d(images(), hard_staircase(layer.theta, values), None, stride, padding)
    row = hard_staircase(layer.bias, values)[:, None, None] * drive
    expected = (expected + row) * scales if bias == "array_row" else expected * scales + layer.bias[:, None, None]
    torch.testing.assert_close(layer(images(), drive), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("bias", ["digital", "array_row"])
@pytest.mark.parametrize(("kernel", "stride", "padding"), GEOMETRIES)
def test_it_is_the_dense_layer_at_every_position(
    kernel: int, stride: int, padding: int, bias: str, training: bool
) -> None:
    layer = drawn(described(bias=bias), kernel, stride, padding).train(training)
    dense = HardwareLinear(layer.inputs, 4, described(bias=bias)).double().train(training)
    dense.load_state_dict({**layer.state_dict(), "theta": layer.theta.detach().flatten(1)})
    unfolded = F.unfold(images(), kernel, padding=padding, stride=stride)
    rows = unfolded.permute(0, 2, 1).reshape(-1, layer.inputs)
    found = layer(images(), 0.6)
    expected = dense(rows, 0.6).reshape(len(unfolded), -1, 4).permute(0, 2, 1).reshape(found.shape)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)
    assert torch.equal(layer.value_index(), dense.value_index())
    # And so do the gradients.
    mine = torch.autograd.grad(found.square().sum(), list(layer.parameters()), allow_unused=not training)
    theirs = torch.autograd.grad(expected.square().sum(), list(dense.parameters()), allow_unused=not training)
    for ours, other in zip(mine, theirs, strict=True):
        assert (ours is None) == (other is None)
        if ours is not None:
            torch.testing.assert_close(ours.reshape(other.shape), other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("bias", ["digital", "array_row"])
def test_groups_are_layers_beside_each_other(bias: str) -> None:
    geometry = {"stride": (2, 1), "padding": [(1, 0), (0, 2)], "dilation": (1, 2)}
    whole = HardwareConv2d(4, 6, (3, 2), described(bias=bias), groups=2, **geometry).double().eval()
    x = torch.rand(5, 4, 7, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        whole.theta.normal_(generator=torch.Generator().manual_seed(2)).mul_(0.6)
        whole.bias.normal_(generator=torch.Generator().manual_seed(3))
        found = whole(x, 0.7)
        for group in range(2):
            alone = HardwareConvolution(2, 3, (3, 2), described(bias=bias), **geometry).double().eval()
            own = slice(3 * group, 3 * group + 3)
            state = whole.state_dict()
            alone.load_state_dict({**state, **{name: state[name][own] for name in ("theta", "bias", "log_scale")}})
            expected = alone(x[:, 2 * group : 2 * group + 2], 0.7)
            torch.testing.assert_close(found[:, own], expected, rtol=1e-12, atol=1e-13)
    assert whole.value_index().shape == (6, 2 * 3 * 2 + (bias == "array_row"))


@pytest.mark.parametrize(
    ("channels", "outputs", "groups", "message"),
    [
        (3, 4, 2, "in_channels: got 3; allowed: a multiple of the 2 groups"),
        (4, 3, 2, "out_channels: got 3; allowed: a multiple of the 2 groups"),
        (4, 4, 0, "in_channels: got 4; allowed: a multiple of the 0 groups"),
    ],
)
def test_channels_that_do_not_divide_among_the_groups_are_refused(
    channels: int, outputs: int, groups: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        HardwareConv2d(channels, outputs, 3, described(), groups=groups)


@pytest.mark.parametrize("bias", ["digital", "array_row"])
def test_gradients_of_input_scale_and_bias(bias: str) -> None:
    layer = drawn(described(bias=bias), padding=1)
    x = images(2).requires_grad_()
    log_scale = layer.log_scale.detach().clone().requires_grad_()

    def forward(x: torch.Tensor, log_scale: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = torch.func.functional_call(layer, {"log_scale": log_scale}, (x,))
        return result

    assert torch.autograd.gradcheck(forward, (x, log_scale))


def test_a_padded_pixel_has_no_drive_and_the_bias_row_has_its_own_everywhere() -> None:
    layer = HardwareConv2d(1, 1, 3, described(bias="array_row", scale="per_layer"), padding=1).double().eval()
    with torch.no_grad():
        layer.theta.fill_(1.0)
        layer.bias.fill_(1.0)
        layer.log_scale.zero_()
    # Pixels of 1 under a kernel of ones: 4 in the corners, 6 at the edges, 9 in the middle; 0.5 from the bias row.
    found = layer(torch.ones(1, 1, 3, 3, dtype=torch.float64), 0.5)
    expected = torch.tensor([[4.5, 6.5, 4.5], [6.5, 9.5, 6.5], [4.5, 6.5, 4.5]], dtype=torch.float64)
    torch.testing.assert_close(found, expected[None, None], rtol=1e-14, atol=0)


def test_weights_are_the_array_and_its_bias_row() -> None:
    for bias in ("digital", "array_row"):
        layer = drawn(described(bias=bias)).eval()
        weights, row = layer.weights()
        assert weights.shape == (4, 2, 3, 3)
        assert torch.equal(weights, layer.staircase(layer.theta))
        assert (row is None) == (bias == "digital")
        assert row is None or torch.equal(row, layer.staircase(layer.bias))
        dense = HardwareLinear(6, 4, described(bias=bias)).eval()
        assert torch.equal(dense.weights()[0], dense.staircase(dense.theta))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", ["digital", "array_row"])
def test_shapes_and_dtypes(bias: str, dtype: torch.dtype) -> None:
    layer = HardwareConv2d(2, 4, 3, described(bias=bias), stride=2).to(dtype)
    for mode in (True, False):
        found = layer.train(mode)(torch.rand(3, 2, 9, 8, dtype=dtype))
        assert (found.dtype, found.shape) == (dtype, (3, 4, 4, 3))
        assert layer(torch.rand(0, 2, 9, 8, dtype=dtype)).shape == (0, 4, 4, 3)
    assert layer.value_index().shape == (4, 18 + (bias == "array_row"))
    assert "in_channels=2, out_channels=4, kernel_size=(3, 3), stride=(2, 2)" in repr(layer)


def test_the_initial_latent_weights_come_from_the_generator_and_the_scale_from_the_word_lines() -> None:
    first, second = (
        HardwareConv2d(20, 30, 5, described(), generator=torch.Generator().manual_seed(1)) for _ in range(2)
    )
    assert torch.equal(first.theta, second.theta)
    assert float(first.theta.std().detach()) == pytest.approx(0.12, rel=0.03)
    assert first.log_scale.tolist() == pytest.approx([math.log(2 / math.sqrt(500))] * 30, rel=1e-6)


def test_it_learns_in_anybody_s_loop() -> None:
    # An edge: the difference of two neighbours, from a kernel that starts anywhere.
    torch.manual_seed(0)
    hardware = chip({"levels": 2, "g_max": 1e-5}, weights={"scale": "per_layer"})
    layer = HardwareConv2d(1, 1, 2, hardware)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.02)
    for step in range(300):
        sharpen(layer, step / 300)
        x = torch.rand(32, 1, 6, 6)
        loss = F.mse_loss(layer(x), 3 * (x[:, :, :-1, 1:] - x[:, :, :-1, :-1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    kernel = layer.eval().weights()[0][0, 0].tolist()
    assert kernel == [[-1.0, 1.0], [0.0, 0.0]]
    assert float(layer.scale.detach()) == pytest.approx(3.0, rel=0.05)


def test_a_shared_staircase_is_one() -> None:
    shared = Staircase(drawn(described()).staircase.exact, sharpness=3.0)
    assert HardwareConv2d(2, 4, 3, described(), staircase=shared).staircase is shared


@pytest.mark.parametrize(("channels", "kernel", "groups"), [(1, 5, 1), (3, 3, 1), (16, 1, 1), (16, 3, 16)])
def test_maps_lie_channels_last_whatever_the_layout_of_the_images(channels: int, kernel: int, groups: int) -> None:
    generator = torch.Generator().manual_seed(2)
    layer = HardwareConv2d(channels, 32, kernel, described(), padding=kernel // 2, groups=groups, generator=generator)
    x = torch.rand(4, channels, 9, 7, generator=generator)
    found = layer(x)
    assert found.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(found, layer(x.to(memory_format=torch.channels_last)), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found.double(), layer.double()(x.double()), rtol=1e-4, atol=1e-5)
