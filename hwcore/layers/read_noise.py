"""Read noise in training: an error of every current of every image, as the cells of its column make it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from hwcore.layers.cells import CellLayer
from hwcore.layers.contexts import Times
from hwcore.layers.line_pairs import on_both_lines
from hwcore.layers.operands import Operands

SAME = 1e-9
"""Share of the largest weight below which two numbers are one."""
SMALLEST = 1e-12
"""Square of the smallest deviation of a current: the root of nothing at all has no gradient."""


class ReadNoise:
    """n_j = (sum_i x_i^2 s_ij^2)^(1/2) xi_j, xi ~ N(0, 1), another for every image, column and row block of tiles.

    s is the read noise of a pair of cells: a staircase through that of every representable weight, so the training can
    prefer weights that are read well. The sum is one more product, with the squares; where the noise is the same for
    all weights it is a single column of it. Wires let through the share of a cell's noise that they let through of
    its current.

    One drawing per batch and weight would cost less and give every image the same law, but batch normalisation takes
    away what a batch has in common, and with it most of such a noise.

    Args:
        spreads: s of every representable weight over the largest |weight|, from 0; one for every time.
        times: which of them it is now.
        generator: source of xi, on the CPU.
        device: of the training.
    """

    def __init__(
        self,
        spreads: Sequence[Float64[Tensor, " values"]],
        times: Times,
        *,
        generator: torch.Generator,
        device: torch.device,
    ) -> None:
        self.squares = [spread.square().to(device) for spread in spreads]
        self.same = [float(spread.max() - spread.min()) <= SAME for spread in spreads]
        self.times, self.generator = times, generator

    def __call__(
        self, layer: CellLayer, operands: Operands, rows: tuple[int, int]
    ) -> Float[Tensor, "batch outputs ..."]:
        """The error of the sums over these word lines, in units of the largest weight.

        Args:
            layer: whose product it is.
            operands: of all word lines.
            rows: the first word line and the one after the last.
        """
        squares, same = self.squares[self.times.now], self.same[self.times.now]
        theta, bias = layer.theta, layer.bias if layer.bias_in_array else None
        wires = layer.effects.wires
        if same and wires is None:
            value = squares[0].to(theta.dtype)
            # One column for each group, which all of its columns share.
            of_weights = value.expand(layer.groups, *operands.weights.shape[1:])
            of_bias = None if bias is None else value.expand(layer.groups)
        else:
            of_weights = layer.staircase.through(theta, squares)
            if layer.lines > 1:
                of_weights = on_both_lines(of_weights, of_weights)
            of_bias = None if bias is None else layer.staircase.through(bias, squares)
            if wires is not None:
                of_weights, of_bias = wires.of_squares(layer, of_weights, of_bias)
        x = operands.x
        variance = layer.exact_sum(Operands(x.square(), of_weights, of_bias, operands.drive_max**2), rows)
        deviation = variance.clamp(min=0.0).add(SMALLEST).sqrt()
        if 1 < deviation.shape[1] < layer.outputs:
            deviation = deviation.repeat_interleave(layer.outputs // layer.groups, 1)
        shape = (len(x), layer.outputs, *variance.shape[2:])
        return deviation * torch.randn(shape, generator=self.generator, dtype=x.dtype).to(x.device)
