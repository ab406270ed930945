"""Training images moved and mirrored at random."""

from __future__ import annotations

import torch
from jaxtyping import Integer
from torch import Tensor

from hwcore.spec import Augmentation


def augmented(
    codes: Integer[Tensor, "batch inputs"],
    input_shape: tuple[int, ...],
    augmentation: Augmentation,
    generator: torch.Generator,
) -> Integer[Tensor, "batch inputs"]:
    """Every image moved, and then half of them mirrored, as the description says.

    Args:
        codes: flattened images.
        input_shape: of one example, as for `shifted`.
        augmentation: of the training.
        generator: source of moves and of mirrors, on the CPU.
    """
    codes = shifted(codes, input_shape, augmentation.shift, generator)
    return flipped(codes, input_shape, generator) if augmentation.flip else codes


def shifted(
    codes: Integer[Tensor, "batch inputs"], input_shape: tuple[int, ...], most: int, generator: torch.Generator
) -> Integer[Tensor, "batch inputs"]:
    """Every image moved by whole pixels, drawn evenly from -most to most in every direction; what comes in is code 0.

    It is the same as to pad an image by `most` pixels and to crop it at random. All channels move alike.

    Args:
        codes: flattened images, channel after channel and row after row.
        input_shape: (channels, height, width), or (channels, length), which moves in one direction.
        most: largest move, pixels, from 0.
        generator: source of the moves, on the CPU.
    """
    channels, *size = input_shape
    images = torch.nn.functional.pad(codes.view(-1, channels, *size), (most, most) * len(size))
    # A view of every window of the padded images; picking one for each image is the only copy.
    for direction, length in enumerate(size, start=2):
        images = images.unfold(direction, length, 1)
    moves = torch.randint(2 * most + 1, (len(size), len(codes)), generator=generator).to(codes.device)
    which = torch.arange(len(codes), device=codes.device)
    return images[(which, slice(None), *moves)].flatten(1)


def flipped(
    codes: Integer[Tensor, "batch inputs"], input_shape: tuple[int, ...], generator: torch.Generator
) -> Integer[Tensor, "batch inputs"]:
    """Images with left and right exchanged, each with probability 1/2.

    Args:
        codes: flattened images, row after row.
        input_shape: (channels, height, width).
        generator: source of the choice, on the CPU.
    """
    chosen = torch.randint(2, (len(codes), 1), generator=generator).bool().to(codes.device)
    mirrored = codes.view(-1, *input_shape).flip(-1).flatten(1)
    return torch.where(chosen, mirrored, codes)
