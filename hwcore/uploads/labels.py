"""Labels and target numbers of a file, checked piece by piece."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float32, Int64

from hwcore.uploads.array_source import ArraySource
from hwcore.uploads.limits import Limits
from hwcore.uploads.refusal import refusal


def are_numbers(labels: ArraySource) -> bool:
    """Tell whether targets are numbers: floating point, in the place of the whole numbers of classes."""
    return labels.dtype.kind == "f"


def require_labels_of(labels: ArraySource, images: ArraySource, limits: Limits) -> None:
    """Refuse targets that are not a label, or numbers, for each image.

    Raises:
        UploadInvalid: another shape, or another number of them.
    """
    if are_numbers(labels):
        most = limits.classes
        if len(labels.shape) not in (1, 2) or not 1 <= outputs_of(labels) <= most:
            allowed = f"(n,) or (n, outputs): up to {most:,} numbers for each image"
            raise refusal(labels.name, f"floating point of {len(labels.shape)} dimensions", allowed)
    elif labels.dtype.kind not in "iu":
        raise refusal(labels.name, f"values of type {labels.dtype.name}", "whole numbers; numpy.astype converts")
    elif len(labels.shape) != 1:
        raise refusal(labels.name, f"{len(labels.shape)} dimensions", "one dimension: a label for each image")
    if labels.shape[0] != images.shape[0]:
        allowed = f"{images.shape[0]:,}, one for each image of {images.name}"
        raise refusal(labels.name, f"{labels.shape[0]:,} labels", allowed)


def outputs_of(labels: ArraySource) -> int:
    """Numbers for each image."""
    return labels.shape[1] if len(labels.shape) == 2 else 1


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


def number_pieces(source: ArraySource) -> Iterator[Float32[np.ndarray, "n outputs"]]:
    """The target numbers in single precision, a piece at a time.

    Raises:
        UploadInvalid: a number that is not finite in single precision; damaged bytes.
    """
    first, most = 0, float(np.finfo(np.float32).max)
    for piece in source.pieces():
        wrong = ~(np.abs(piece.astype(np.float64)) <= most)
        if wrong.any():
            place = np.argwhere(wrong)[0]
            got = f"{piece[tuple(place)]!s} at position {first + int(place[0]):,}"
            raise refusal(source.name, got, f"finite numbers up to {most:.3g}")
        first += len(piece)
        yield piece.astype(np.float32).reshape(len(piece), -1)
