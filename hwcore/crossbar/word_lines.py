"""Drives of the word lines of a layer: its inputs where they belong, and the bias rows."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from hwcore.digital import unfolded
from hwcore.mapping import MappedLayer, drives_of_pairs


def layer_drive(x: Float[Tensor, "batch ..."], layer: MappedLayer) -> Float[Tensor, "products drives"]:
    """Drives of the word lines of a layer: its inputs, unfolded for a convolution, and the bias row of each group."""
    window = layer.plan.window
    x = unfolded(x.flatten(1), window)
    if layer.bias_drive is None or not window.moves:
        return on_word_lines(x, layer)
    if layer.drive.lines > 1:
        x = drives_of_pairs(x, window)
    # Word lines first, as they lie in memory.
    by_group = x.t().reshape(-1, layer.plan.inputs * layer.drive.lines, len(x))
    bias = by_group.new_full((len(by_group), 1, len(x)), layer.bias_drive)
    return torch.cat([by_group, bias], dim=1).reshape(layer.drives, len(x)).t()


def on_word_lines(x: Float[Tensor, "products inputs"], layer: MappedLayer) -> Float[Tensor, "products drives"]:
    """Inputs on their word lines, on pairs of them where the layer has such, and its one bias row behind them.

    Args:
        x: of a layer without bias rows, or with one: of a recurrent one inputs and state of a step.
        layer: says what word lines it has.
    """
    if layer.drive.lines > 1:
        x = drives_of_pairs(x, layer.plan.window)
    if layer.bias_drive is None:
        return x
    return torch.cat([x, x.new_full((len(x), 1), layer.bias_drive)], dim=1)
