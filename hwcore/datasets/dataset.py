"""A labelled set of images, as every part of mho receives it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images upright, labels from 0, training and test apart.

    Args:
        name: the name in a job ("digits", "mnist", "emnist-letters").
        origin: where it came from, for a person; holds no path.
        split: how many images it has, for a person; says so where this is not the official split.
        train_images: pixels, 0 to `full_scale`.
        train_labels: classes, 0 to `classes` - 1.
        test_images: pixels, 0 to `full_scale`.
        test_labels: classes, 0 to `classes` - 1.
        classes: number of classes.
        full_scale: the value of a fully inked pixel; 255, and 16 for digits.
        warnings: what is probably not meant of it; none where it is as published.
    """

    name: str
    origin: str
    split: str
    train_images: UInt8[np.ndarray, "train height width"]
    train_labels: Int64[np.ndarray, " train"]
    test_images: UInt8[np.ndarray, "test height width"]
    test_labels: Int64[np.ndarray, " test"]
    classes: int
    full_scale: int
    warnings: tuple[str, ...] = ()
