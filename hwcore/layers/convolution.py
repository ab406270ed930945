"""Convolutions: in floating point, and with pairs of cells for weights, the kernel unfolded onto an array."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Unpack

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from hwcore.digital import padded
from hwcore.layers.cells import CellLayer, CellOptions
from hwcore.layers.float_layer import FloatLayer
from hwcore.spec import Hardware, LayerPlan, Margin, Window, along_each, margins_of

CONVOLUTIONS: Mapping[int, Callable[..., Tensor]] = MappingProxyType({1: F.conv1d, 2: F.conv2d, 3: F.conv3d})
"""Functions of torch by the number of directions in which the kernel moves."""


class FloatConvolution(FloatLayer):
    """A convolution in any number of directions up to three, as torch has it, with margins of either size.

    Args:
        window: channels, kernel, stride, dilation, padding and groups.
        outputs: output channels.

    Shapes:
        weight (out, channels of a group, *kernel); bias (out,); x (batch, channels, *size).
    """

    def __init__(self, window: Window, outputs: int) -> None:
        super().__init__()
        self.window = window
        self.weight = nn.Parameter(torch.empty(outputs, *window.kernel_shape))
        self.bias = nn.Parameter(torch.empty(outputs))

    @classmethod
    def planned(cls, plan: LayerPlan) -> FloatConvolution:
        """Layer of this plan, as for `FloatLayer`."""
        return cls(plan.window, plan.outputs)

    def forward(self, x: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch outputs ..."]:
        """The maps of all output channels."""
        window = self.window
        return convolved(
            x, self.weight, self.bias, window.stride, window.padding, window.dilation, groups=window.groups
        )


class HardwareConvolution(CellLayer):
    """z_jp = s_j (sum_i W_ji x_ip + d b_row_j) + b_j at every position p of the kernel.

    i runs over input channel and pixels of the kernel: the word lines of one array, which computes the positions one
    after the other. A padded pixel is a word line without drive. The bias row is driven with d at every position. With
    groups every output sees the channels of its group alone, and every group has arrays of its own. Weights, scale and
    bias are those of `CellLayer`. The scale is put on the few weights and not on the many outputs wherever nothing is
    read in between.

    Args:
        in_channels: channels of the input, a multiple of the groups.
        out_channels: bit lines, a multiple of the groups.
        kernel_size: pixels, one number for each direction in which the kernel moves.
        hardware: the description; `cell` and `weights` matter here.
        stride: step between positions, pixels; a number, or one for each direction.
        padding: pixels of zeros: a number, or for each direction a number or (before, after).
        dilation: step between the pixels under the kernel, pixels; as the stride.
        groups: of channels; as many as channels make the convolution depthwise.
        options: as for `CellLayer`.

    Shapes:
        theta (out, channels of a group, *kernel); log_scale (out,) or (1,); bias (out,), latent if it is an array row;
        x (batch, in, *size), padded at least as large as the kernel.

    Raises:
        ValueError: channels or outputs that are no multiple of the groups.
    """

    scales_weights: ClassVar[bool] = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sequence[int],
        hardware: Hardware,
        *,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int | Margin] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        **options: Unpack[CellOptions],
    ) -> None:
        for name, count in (("in_channels", in_channels), ("out_channels", out_channels)):
            if groups < 1 or count % groups:
                raise ValueError(f"{name}: got {count}; allowed: a multiple of the {groups} groups, from one group")
        super().__init__((out_channels, in_channels // groups, *kernel_size), hardware, **options)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, directions = tuple(kernel_size), len(kernel_size)
        self.stride, self.dilation = along_each(stride, directions), along_each(dilation, directions)
        self.padding = margins_of(padding, directions)

    @classmethod
    def planned(cls, plan: LayerPlan, hardware: Hardware, **options: Unpack[CellOptions]) -> HardwareConvolution:
        """Make the layer of a plan, as for `CellLayer`."""
        window = plan.window
        return cls(
            window.channels,
            plan.outputs,
            window.kernel,
            hardware,
            stride=window.stride,
            padding=window.padding,
            dilation=window.dilation,
            groups=window.groups,
            **options,
        )

    def product(
        self,
        x: Float[Tensor, "batch channels ..."],
        weights: Float[Tensor, "outputs some_channels ..."],
        added: Float[Tensor, " outputs"] | None,
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs ..."]:
        """Convolve over the channels that the word lines touch, with the others at zero; as for `CellLayer`.

        The word lines are those of a group, and the same ones of every group.
        """
        (start, stop), channels = rows, weights.shape[1]
        if start > 0 or stop < self.word_lines:
            area = self.word_lines // channels
            first = min(start // area, channels - 1)
            last = max(first + 1, -(-stop // area))
            part = F.pad(weights.flatten(1)[:, start:stop], (start - first * area, last * area - stop))
            weights = part.view(len(part), last - first, *self.kernel_size)
            if last - first < channels:
                by_group = x.reshape(len(x), self.groups, channels, *x.shape[2:])
                x = by_group[:, :, first:last].flatten(1, 2)
        return convolved(x, weights, added, self.stride, self.padding, self.dilation, groups=self.groups)

    def extra_repr(self) -> str:
        """Sizes and the place of the bias, for `print`."""
        bias = "array row" if self.bias_in_array else "digital"
        return (
            f"in_channels={self.in_channels}, out_channels={self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding}, dilation={self.dilation}, groups={self.groups}, bias={bias}"
        )


class HardwareConv2d(HardwareConvolution):
    """A convolution of images: `HardwareConvolution` in two directions, one number being that of both.

    Args:
        in_channels: as for `HardwareConvolution`, as are all others.
        out_channels: bit lines.
        kernel_size: edge of a square kernel, or height and width, pixels.
        hardware: the description.
        stride: step between positions, pixels.
        padding: pixels of zeros.
        dilation: step between the pixels under the kernel, pixels.
        groups: of channels.
        options: as for `CellLayer`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        hardware: Hardware,
        *,
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int | Margin] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        **options: Unpack[CellOptions],
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            along_each(kernel_size, 2),
            hardware,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            **options,
        )


def convolved(
    x: Float[Tensor, "batch channels ..."],
    weights: Float[Tensor, "outputs some_channels ..."],
    added: Float[Tensor, " outputs"] | None,
    stride: tuple[int, ...],
    padding: tuple[Margin, ...],
    dilation: tuple[int, ...],
    *,
    groups: int,
) -> Float[Tensor, "batch outputs ..."]:
    """The convolution of torch in as many directions as the weights have, with margins of either size.

    Args:
        x: inputs.
        weights: (out, channels of a group, *kernel).
        added: to every output of a channel; None: nothing.
        stride: pixels, one number for each direction, as are padding and dilation.
        padding: before and after.
        dilation: between the pixels under the kernel.
        groups: of channels.
    """
    convolve = CONVOLUTIONS[weights.ndim - 2]
    if weights.ndim == 4 and weights.dtype == torch.float32 and weights.is_cpu:
        # The layout of few weights decides that of all maps: channels last, a step takes half to nine tenths as long.
        # `clone` and not `contiguous`, which leaves a kernel of one channel or one pixel in either layout.
        weights = weights.clone(memory_format=torch.channels_last)
    if all(before == after for before, after in padding):
        return convolve(x, weights, added, stride, tuple(before for before, _ in padding), dilation, groups)
    return convolve(padded(x, padding), weights, added, stride, 0, dilation, groups)
