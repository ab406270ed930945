"""Labels of a file, checked piece by piece."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int64

from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.limits import Limits
from hwcore.uploads.refusal import refusal


def require_labels_of(labels: ArraySource, images: ArraySource) -> None:
    """Refuse labels that are not one whole number for each image.

    Raises:
        UploadInvalid: another shape, another number, or no whole numbers.
    """
    if len(labels.shape) != 1:
        raise refusal(labels.name, f"{len(labels.shape)} dimensions", "one dimension: a label for each image")
    if labels.dtype.kind not in "iu":
        raise refusal(labels.name, f"values of type {labels.dtype.name}", "whole numbers; numpy.astype converts")
    if labels.shape[0] != images.shape[0]:
        allowed = f"{images.shape[0]:,}, one for each image of {images.name}"
        raise refusal(labels.name, f"{labels.shape[0]:,} labels", allowed)


def label_pieces(source: ArraySource, limits: Limits) -> Iterator[Int64[np.ndarray, " n"]]:
    """The labels, a piece at a time.

    Raises:
        UploadInvalid: a label below 0 or above the most that there may be; damaged bytes.
    """
    first = 0
    for piece in source.pieces():
        wrong = (piece < 0) | (piece >= limits.classes)
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            allowed = f"whole numbers from 0 to {limits.classes - 1:,}"
            raise refusal(source.name, f"label {piece[place]} at position {first + place:,}", allowed)
        first += len(piece)
        yield piece.astype(np.int64)
