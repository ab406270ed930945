"""Number of images that go through a network at once."""

from __future__ import annotations

from collections.abc import Iterable

NUMBERS = 1 << 21
"""Inputs of all positions, or outputs, of a convolution at once: 16 MB in float64, where it is unfolded. A batch that
stays near the processor is also faster: LeNet-5 on two cores twice as fast as with 256 MB."""


def images_that_fit(per_image: Iterable[int], most: int, numbers: int = NUMBERS) -> int:
    """Number of images wanted, or fewer where a convolution multiplies them: memory stays bounded.

    Args:
        per_image: what one image takes in each layer, such as positions x max(inputs, outputs) of a convolution.
        most: images wanted.
        numbers: the most that one layer may take for all of them.

    Returns:
        From 1.
    """
    return min([most, *(max(1, numbers // each) for each in per_image)])
