"""Datasets that come in an official split: labels that are classes of theirs, and what is said of what was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Int64, Integer

from hwcore.datasets.dataset import Dataset
from hwcore.errors import DatasetInvalid
from hwcore.spec import DATASETS, dataset_warnings

Part = tuple[Integer[np.ndarray, "_n ..."], Int64[np.ndarray, " _n"]]
"""Examples and classes, to train on or to test on."""


def official_dataset(
    name: str,
    train: Part,
    test: Part,
    official: tuple[int, int],
    *,
    origin: str,
    note: str = "",
    what: str = "images",
    full_scale: int = 255,
    value: float | None = None,
) -> Dataset:
    """Both parts as a dataset, with its split in words and warnings of what is unusual in it.

    Args:
        name: of the dataset in a job.
        train, test: the parts.
        official: number of examples in the official split, to train on and to test on.
        origin: where they came from.
        note: after the words for the split.
        what: the examples are.
        full_scale: whole number that becomes the input 1.
        value: that it stands for; None: itself.
    """
    (train_images, train_labels), (test_images, test_labels) = train, test
    classes = DATASETS[name].classes
    per_class = (np.bincount(labels, minlength=classes).tolist() for labels in (train_labels, test_labels))
    largest = max(max(int(images.max()), -int(images.min())) for images in (train_images, test_images))
    return Dataset(
        name=name,
        origin=origin,
        split=f"{described_split(len(train_labels), len(test_labels), *official, what)}{note}",
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        classes=classes,
        full_scale=full_scale,
        warnings=dataset_warnings(*per_class, largest=largest, full_scale_byte=full_scale, full_scale=value),
    )


def require_labels(path: Path, labels: Int64[np.ndarray, " n"], classes: int, first: int = 0) -> None:
    """Refuse labels that are no classes.

    Args:
        path: file that they are from.
        labels: counted from 0.
        classes: number of them.
        first: label of class 0 in the file.

    Raises:
        DatasetInvalid: a label is beyond them.
    """
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if wrong.size:
        raise DatasetInvalid(
            f"{path}: got label {labels[wrong[0]] + first} at position {wrong[0]:,}; "
            f"expected {first} to {first + classes - 1}"
        )


def described_split(train: int, test: int, official_train: int, official_test: int, what: str = "images") -> str:
    """Words for a split: as in the official one, a subset of it, or another set.

    Args:
        train, test: number of examples there are.
        official_train, official_test: number of those in the official split.
        what: the examples are.
    """
    if (train, test) == (official_train, official_test):
        return f"{train:,} training and {test:,} test {what}, as in the official split"
    kind = "subset" if train <= official_train and test <= official_test else "another set"
    return (
        f"{kind}: {train:,} training and {test:,} test {what}, not the official split of "
        f"{official_train:,} and {official_test:,}"
    )
