"""Pairs of word lines in training: inputs and weights of both lines, channel after channel (`hwcore.mapping`)."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def by_sign(x: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch lines ..."]:
    """max(x, 0) and min(x, 0) of every channel, beside each other.

    Backwards the two are one x: where it is zero the first has all of the gradient.

    Args:
        x: inputs, any unit.
    """
    positive = x.clamp(min=0.0)
    return torch.stack((positive, x - positive), 2).flatten(1, 2)


def on_both_lines(
    first: Float[Tensor, "outputs channels ..."], second: Float[Tensor, "outputs channels ..."]
) -> Float[Tensor, "outputs lines ..."]:
    """Weights of the first and of the second line of every channel, beside each other.

    Args:
        first: of the lines of positive inputs.
        second: of those of negative inputs, by which `by_sign` multiplies as they are.
    """
    return torch.stack((first, second), 2).flatten(1, 2)
