"""Positions of a kernel as products of one array: what lies under it, one position after another."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from hwcore.spec import Window


def unfolded(x: Float[Tensor, "batch features"], window: Window) -> Float[Tensor, "products rows"]:
    """Drives of the word lines, image after image and position after position.

    Of an image row = (channel x kernel + y) x kernel + x, as torch.nn.Unfold has it; products = batch x positions, the
    positions row by row. A padded pixel is a word line without drive. The inputs of a dense layer stay as they are.

    Args:
        x: images, flattened: channel after channel, row after row; drives, any unit.
        window: where the kernel stands.
    """
    if not window.moves:
        return x
    directions = len(window.size)
    patches = F.pad(x.reshape(len(x), window.channels, *window.size), (window.padding,) * (2 * directions))
    for direction in range(directions):
        patches = patches.unfold(2 + direction, window.kernel, window.stride)
    # (batch, channels, positions..., kernel...), not copied until here.
    return patches.movedim(1, 1 + directions).reshape(-1, window.rows)


def as_maps(z: Float[Tensor, "products cols"], window: Window) -> Float[Tensor, "batch cols ..."]:
    """The outputs of the bit lines put back in their places: one map per bit line, of a dense layer one number."""
    return z.reshape(-1, *window.map, z.shape[1]).movedim(-1, 1)
