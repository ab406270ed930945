"""Class that an image is put in."""

from __future__ import annotations

from jaxtyping import Float64, Int64
from torch import Tensor

TIE = 1e-9
"""Share of the largest |logit| of an image: logits closer than this are equal."""


def predicted_class(logits: Float64[Tensor, "images classes"], tie: float = TIE) -> Int64[Tensor, " images"]:
    """The class with the largest logit; of equal ones the first.

    Logits within 1e-9 of the largest |logit| of the image count as equal: with few levels exact ties are common, and
    the last bit, which depends on the order of a sum, must not decide them.

    Args:
        logits: of every class.
        tie: share within which they count as equal; 0 where they are whole numbers.
    """
    largest = logits.amax(1, keepdim=True) - tie * logits.abs().amax(1, keepdim=True)
    return (logits >= largest).byte().argmax(1)
