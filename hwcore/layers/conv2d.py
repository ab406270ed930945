"""Convolutions of images: in floating point, and with pairs of cells for weights, the kernel unfolded onto an array."""

from __future__ import annotations

from typing import ClassVar, Unpack

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.layers.cells import CellLayer, CellOptions
from hwcore.layers.float_layer import FloatLayer
from hwcore.spec import Hardware, LayerPlan


class FloatConv2d(FloatLayer, nn.Conv2d):
    """`nn.Conv2d` with weights from a generator that is passed in."""

    @classmethod
    def planned(cls, plan: LayerPlan) -> FloatConv2d:
        """Layer of this plan, as for `FloatLayer`."""
        window = plan.window
        return cls(window.channels, plan.outputs, window.kernel, window.stride, window.padding)


class HardwareConv2d(CellLayer):
    """z_jp = s_j (sum_i W_ji x_ip + d b_row_j) + b_j at every position p of the kernel.

    i runs over input channel, row and column of the kernel: the word lines of one array, which computes the positions
    one after the other. A padded pixel is a word line without drive. The bias row is driven with d at every position.
    Weights, scale and bias are those of `CellLayer`. The scale is put on the few weights and not on the many outputs
    wherever nothing is read in between.

    Args:
        in_channels: channels of the input; word lines are in_channels x kernel_size^2, and the bias row.
        out_channels: bit lines.
        kernel_size: edge of the square kernel, pixels.
        hardware: the description; `cell` and `weights` matter here.
        stride: step between positions, pixels.
        padding: pixels of zeros on every side.
        options: as for `CellLayer`.

    Shapes:
        theta (out, in, kernel, kernel); log_scale (out,) or (1,); bias (out,), latent if it is an array row;
        x (batch, in, height, width), padded at least as large as the kernel.
    """

    scales_weights: ClassVar[bool] = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        hardware: Hardware,
        *,
        stride: int = 1,
        padding: int = 0,
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__((out_channels, in_channels, kernel_size, kernel_size), hardware, **options)
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel_size
        self.stride, self.padding = stride, padding

    @classmethod
    def planned(cls, plan: LayerPlan, hardware: Hardware, **options: Unpack[CellOptions]) -> HardwareConv2d:
        """Make the layer of a plan, as for `CellLayer`."""
        window = plan.window
        return cls(
            window.channels,
            plan.outputs,
            window.kernel,
            hardware,
            stride=window.stride,
            padding=window.padding,
            **options,
        )

    def product(
        self,
        x: Float[Tensor, "batch channels height width"],
        weights: Float[Tensor, "outputs channels kernel kernel"],
        added: Float[Tensor, " outputs"] | None,
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs out_height out_width"]:
        """Convolve over the channels that the word lines touch, with the others at zero; as for `CellLayer`."""
        start, stop = rows
        if start == 0 and stop == self.inputs:
            return F.conv2d(x, weights, added, self.stride, self.padding)
        area = self.kernel_size**2
        first = min(start // area, self.in_channels - 1)
        last = max(first + 1, -(-stop // area))
        part = F.pad(weights.flatten(1)[:, start:stop], (start - first * area, last * area - stop))
        part = part.view(len(part), last - first, self.kernel_size, self.kernel_size)
        return F.conv2d(x[:, first:last], part, added, self.stride, self.padding)

    def extra_repr(self) -> str:
        """Sizes and the place of the bias, for `print`."""
        bias = "array row" if self.bias_in_array else "digital"
        return (
            f"in_channels={self.in_channels}, out_channels={self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding}, bias={bias}"
        )
