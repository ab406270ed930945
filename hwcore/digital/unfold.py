"""A convolution as products of one array: the pixels under the kernel at every position, one position after another."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from hwcore.spec import Window


def unfolded(x: Float[Tensor, "batch features"], window: Window) -> Float[Tensor, "products rows"]:
    """Drives of the word lines, image after image and position after position.

    Row = (channel x kernel + y) x kernel + x, as torch.nn.Unfold has it; products = batch x positions, the positions
    row by row. A padded pixel is a word line without drive.

    Args:
        x: images, flattened: channel after channel, row after row; drives, any unit.
        window: where the kernel stands.
    """
    images = x.reshape(len(x), window.channels, window.height, window.width)
    padded = F.pad(images, (window.padding,) * 4)
    patches = padded.unfold(2, window.kernel, window.stride).unfold(3, window.kernel, window.stride)
    # (batch, channels, out height, out width, kernel, kernel), not copied until here.
    return patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, window.rows)


def as_maps(z: Float[Tensor, "products cols"], window: Window) -> Float[Tensor, "batch cols out_height out_width"]:
    """The outputs of the bit lines put back in their places: one map per bit line."""
    return z.reshape(-1, *window.map, z.shape[1]).permute(0, 3, 1, 2)
