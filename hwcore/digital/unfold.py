"""Positions of a kernel as products of one array: what lies under it, one position after another."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from jaxtyping import Float, Num
from torch import Tensor

from hwcore.spec import Margin, Window


def unfolded(x: Float[Tensor, "batch features"], window: Window) -> Float[Tensor, "products rows"]:
    """Drives of the word lines, image after image and position after position.

    Of an image row = (channel x kernel + y) x kernel + x, as torch.nn.Unfold has it; products = batch x positions, the
    positions row by row. Those of a group are beside each other, one group after another. A padded pixel is a word line
    without drive. The inputs of a dense layer stay as they are.

    In memory the products of a word line are beside each other: they are whole rows of pixels, copied at once. Laid out
    product after product, a copy of three pixels at a time took most of a simulation.

    Args:
        x: images, flattened: channel after channel, row after row; drives, any unit.
        window: where the kernel stands.
    """
    if not window.moves:
        return x
    directions = len(window.size)
    patches = padded(x.reshape(len(x), window.channels, *window.size), window.padding)
    along = zip(window.span, window.stride, window.dilation, strict=True)
    for direction, (span, stride, dilation) in enumerate(along):
        patches = patches.unfold(2 + direction, span, stride)[..., ::dilation]
    # (batch, channels, positions..., kernel...), not copied until here.
    kernel, positions = range(2 + directions, 2 + 2 * directions), range(2, 2 + directions)
    return patches.permute(1, *kernel, 0, *positions).reshape(window.drives, -1).t()


def padded(x: Float[Tensor, "batch channels ..."], padding: Sequence[Margin]) -> Float[Tensor, "batch channels ..."]:
    """The inputs with margins of zero drive.

    Args:
        x: maps of any number of directions.
        padding: pixels before and after, for each direction.
    """
    # torch begins with the last direction.
    return F.pad(x, [margin for direction in reversed(padding) for margin in direction])


def as_maps(z: Num[Tensor, "products cols"], window: Window) -> Num[Tensor, "batch cols ..."]:
    """The outputs of the bit lines put back in their places: one map per bit line, of a dense layer one number."""
    return z.reshape(-1, *window.map, z.shape[1]).movedim(-1, 1)
