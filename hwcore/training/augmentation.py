"""Training images moved at random."""

from __future__ import annotations

import torch
from jaxtyping import UInt8
from torch import Tensor


def shifted(
    codes: UInt8[Tensor, "batch pixels"], image_shape: tuple[int, int], most: int, generator: torch.Generator
) -> UInt8[Tensor, "batch pixels"]:
    """Every image moved by whole pixels, drawn evenly from -most to most in either direction; what comes in is code 0.

    Args:
        codes: flattened images, row after row.
        image_shape: height and width, pixels.
        most: largest move, pixels, from 0.
        generator: source of the moves, on the CPU.
    """
    height, width = image_shape
    images = torch.nn.functional.pad(codes.view(-1, height, width), (most, most, most, most))
    # A view of every window of the padded images; picking one for each image is the only copy.
    windows = images.unfold(1, height, 1).unfold(2, width, 1)
    down, right = torch.randint(2 * most + 1, (2, len(codes)), generator=generator).to(codes.device)
    which = torch.arange(len(codes), device=codes.device)
    return windows[which, down, right].flatten(1)
