"""Pairs of word lines: two lines of one polarity for every input that has both signs.

The first line of an input x carries max(x, 0), the second max(-x, 0). Both have the cells of the same weights, and on
the second the components change places: the positive one leads to the negative bit line. So the array adds up x w.

Everywhere but on the lines themselves the second line counts as one that is driven with min(x, 0) on components in
their places, which gives the same current: codes, conductances and their errors stay those of a component.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from hwcore.mapping.pairs import Pairs
from hwcore.spec import Window


def line_pairs(pairs: Pairs, window: Window) -> Pairs:
    """Give every input its two word lines, in the order of `inputs_of_lines`.

    Args:
        pairs: one row for every input, then the bias row if there is one.
        window: gives the pixels of a kernel.
    """
    return pairs.of_rows(inputs_of_lines(window.rows, math.prod(window.kernel), pairs.shape[0] - window.rows))


def inputs_of_lines(inputs: int, area: int, bias_rows: int) -> Int64[Tensor, " lines"]:
    """Input of every word line: of a channel all first lines, then all second ones; a bias row has one line.

    Args:
        inputs: of a group.
        area: inputs of a channel, the pixels of a kernel; of a dense layer one.
        bias_rows: word lines behind those of the inputs.
    """
    by_channel = torch.arange(inputs).reshape(-1, 1, area)
    return torch.cat([by_channel.expand(-1, 2, -1).flatten(), torch.arange(inputs, inputs + bias_rows)])


def second_lines(inputs: int, area: int, bias_rows: int) -> Bool[Tensor, " lines"]:
    """Word lines on which the components change places; arguments as for `inputs_of_lines`."""
    second = torch.tensor([False, True]).repeat_interleave(area).repeat(inputs // area)
    return torch.cat([second, torch.zeros(bias_rows, dtype=torch.bool)])


def drives_of_pairs(x: Float[Tensor, "products rows"], window: Window) -> Float[Tensor, "products lines"]:
    """max(x, 0) on the first line of every input and min(x, 0) on the second, in the order of `inputs_of_lines`.

    Args:
        x: inputs under the kernel, of one group after the other.
        window: gives the pixels of a kernel.
    """
    by_channel = x.reshape(len(x), -1, 1, math.prod(window.kernel))
    return torch.cat([by_channel.clamp(min=0.0), by_channel.clamp(max=0.0)], -2).flatten(1)
