"""Class that an image is put in."""

from __future__ import annotations

from jaxtyping import Float64, Int64
from torch import Tensor

TIE = 1e-9
"""Share of the largest |logit| of an image: logits closer than this are equal."""


def predicted_class(logits: Float64[Tensor, "images classes"]) -> Int64[Tensor, " images"]:
    """The class with the largest logit; of equal ones the first.

    Logits within 1e-9 of the largest |logit| of the image count as equal: with few levels exact ties are common, and
    the last bit, which depends on the order of a sum, must not decide them.
    """
    largest = logits.amax(1, keepdim=True) - TIE * logits.abs().amax(1, keepdim=True)
    return (logits >= largest).byte().argmax(1)
