"""A convolution whose weights are pairs of cells: the kernel unfolded onto one array."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from hwcore.layers.cells import CellLayer
from hwcore.quant import Method, Staircase
from hwcore.spec import Hardware


class HardwareConv2d(CellLayer):
    """z_jp = s_j (sum_i W_ji x_ip + d b_row_j) + b_j at every position p, W = S(theta): values of a pair of cells.

    i runs over input channel, row and column of the kernel: the word lines of one array, which computes the positions
    one after the other. A padded pixel is a word line without drive. The bias row is driven with d at every position.
    The latent weights, the scale and the bias are those of `HardwareLinear`. Smooth in training mode, hard after
    `eval()`.

    Args:
        in_channels: channels of the input; word lines are in_channels x kernel_size^2, and the bias row.
        out_channels: bit lines.
        kernel_size: edge of the square kernel, pixels.
        hardware: the description; `cell` and `weights` matter here.
        stride: step between positions, pixels.
        padding: pixels of zeros on every side.
        method: what training mode does.
        staircase: one to share with other layers, over the normalised representable weights; None: its own.
        normalized: batch normalisation comes next and takes any scale and bias away: s = 1 and b = 0, not trained.
        generator: source of the initial latent weights; None: torch's default one.

    Shapes:
        theta (out, in, kernel, kernel); log_scale (out,) or (1,); bias (out,), latent if it is an array row;
        x (batch, in, height, width), padded at least as large as the kernel.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        hardware: Hardware,
        *,
        stride: int = 1,
        padding: int = 0,
        method: Method = "smooth",
        staircase: Staircase | None = None,
        normalized: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        super().__init__(
            shape, hardware, method=method, staircase=staircase, normalized=normalized, generator=generator
        )
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel_size
        self.stride, self.padding = stride, padding

    def forward(
        self, x: Float[Tensor, "batch channels height width"], drive_max: float | Float[Tensor, ""] = 1.0
    ) -> Float[Tensor, "batch outputs out_height out_width"]:
        """Outputs before pooling and activation.

        Args:
            x: drive of the word lines, pixel by pixel.
            drive_max: d, full scale of x: what a bias row is driven with, and what the range of an ADC goes by.
        """
        weights, bias_row = self.weights()
        if self.converters is not None or self.reads is not None:
            current = self.currents(x, weights, bias_row, drive_max)
            if self.normalized:
                return current
            scale = self.scale.expand(self.out_channels)[:, None, None]
            return current * scale if bias_row is not None else current * scale + self.bias[:, None, None]
        if self.normalized:
            return F.conv2d(x, weights, None, self.stride, self.padding)
        scale = self.scale.expand(self.out_channels)
        bias = self.bias if bias_row is None else bias_row * drive_max * scale
        # The scale on the few weights and not on the many outputs: the same to rounding, one pass over the map less.
        return F.conv2d(x, weights * scale[:, None, None, None], bias, self.stride, self.padding)

    def product(
        self,
        x: Float[Tensor, "batch channels height width"],
        weights: Float[Tensor, "outputs channels kernel kernel"],
        bias_row: Float[Tensor, " outputs"] | None,
        drive_max: float | Float[Tensor, ""],
        rows: tuple[int, int],
    ) -> Float[Tensor, "batch outputs out_height out_width"]:
        """As for `CellLayer`: a convolution over the channels that the word lines touch, with the others at zero."""
        start, stop = (min(row, self.inputs) for row in rows)
        added = bias_row * drive_max if bias_row is not None and rows[1] > self.inputs else None
        if start == 0 and stop == self.inputs:
            return F.conv2d(x, weights, added, self.stride, self.padding)
        area = self.kernel_size**2
        first = min(start // area, self.in_channels - 1)
        last = max(first + 1, -(-stop // area))
        part = F.pad(weights.flatten(1)[:, start:stop], (start - first * area, last * area - stop))
        part = part.view(len(part), last - first, self.kernel_size, self.kernel_size)
        return F.conv2d(x[:, first:last], part, added, self.stride, self.padding)

    def extra_repr(self) -> str:
        """What `print` shows."""
        bias = "array row" if self.bias_in_array else "digital"
        return (
            f"in_channels={self.in_channels}, out_channels={self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding}, bias={bias}"
        )
