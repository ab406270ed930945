"""Pairs of word lines: two lines of one polarity for every input that has both signs.

The first line of an input x carries max(x, 0), the second max(-x, 0). Both have the cells of the same weights, and on
the second the components change places: the positive one leads to the negative bit line. So the array adds up x w.

Everywhere but on the lines themselves the second line counts as one that is driven with min(x, 0) on components in
their places, which gives the same current: codes, conductances and their errors stay those of a component.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from hwcore.mapping.pairs import Pairs
from hwcore.spec import Window


def line_pairs(pairs: Pairs, window: Window) -> Pairs:
    """Give every input its two word lines: of a channel all first lines, then all second ones; the bias row has one.

    Args:
        pairs: one row for every input, then the bias row if there is one.
        window: gives the rows of a channel: as many as its kernel has pixels.
    """
    rows = torch.arange(window.rows)
    twice = torch.cat([both_signs(rows, window), torch.arange(window.rows, pairs.shape[0])])
    return Pairs(pairs.code_pos[twice], pairs.code_neg[twice], pairs.g_pos[twice], pairs.g_neg[twice])


def both_signs(of_inputs: Tensor, window: Window) -> Tensor:
    """(..., rows) of the inputs, twice for every channel: what lies along the word lines, the bias row left out."""
    by_channel = _by_channel(of_inputs, window)
    return torch.cat([by_channel, by_channel], -2).flatten(-3)


def drives_of_pairs(x: Float[Tensor, "products rows"], window: Window) -> Float[Tensor, "products lines"]:
    """max(x, 0) on the first line of every input and min(x, 0) on the second, in the order of `line_pairs`.

    Args:
        x: inputs under the kernel, of any number of groups.
        window: as for `line_pairs`.
    """
    by_channel = _by_channel(x, window)
    return torch.cat([by_channel.clamp(min=0.0), by_channel.clamp(max=0.0)], -2).flatten(-3)


def second_lines(window: Window, bias_rows: int) -> Bool[Tensor, " lines"]:
    """Word lines on which the components change places.

    Args:
        window: as for `line_pairs`.
        bias_rows: word lines behind those of the inputs.
    """
    second = torch.tensor([False, True]).repeat_interleave(_area(window)).repeat(window.rows // _area(window))
    return torch.cat([second, torch.zeros(bias_rows, dtype=torch.bool)])


def _by_channel(of_inputs: Tensor, window: Window) -> Tensor:
    """(..., channels, 1, pixels of a kernel)."""
    return of_inputs.reshape(*of_inputs.shape[:-1], -1, 1, _area(window))


def _area(window: Window) -> int:
    return math.prod(window.kernel_shape[1:])
