"""The bundled digits: always there, always the same split."""

import hashlib

import numpy as np
from sklearn.datasets import load_digits

from hwcore.datasets import load


def test_shape_range_and_split() -> None:
    digits = load("digits")
    assert (digits.name, digits.classes, digits.full_scale) == ("digits", 10, 16)
    assert digits.origin == "bundled with scikit-learn"
    assert digits.split == "1,438 training and 359 test images, a fixed split"
    assert digits.train_images.shape == (1438, 8, 8)
    assert digits.test_images.shape == (359, 8, 8)
    for images, labels in ((digits.train_images, digits.train_labels), (digits.test_images, digits.test_labels)):
        assert (images.dtype, images.min(), images.max()) == (np.uint8, 0, 16)
        assert (labels.dtype, labels.min(), labels.max()) == (np.int64, 0, 9)


def test_both_parts_together_are_the_bundled_set() -> None:
    digits, bundled = load("digits"), load_digits()
    rows = np.concatenate([digits.train_images, digits.test_images]).reshape(1797, 64)
    labels = np.concatenate([digits.train_labels, digits.test_labels])
    ours = sorted((*row, label) for row, label in zip(rows.tolist(), labels.tolist(), strict=True))
    theirs = sorted((*row, label) for row, label in zip(bundled.data.tolist(), bundled.target.tolist(), strict=True))
    assert ours == theirs


def test_every_class_gives_a_fifth_to_the_test_set() -> None:
    digits = load("digits")
    test = np.bincount(digits.test_labels)
    np.testing.assert_array_equal(test, np.round(0.2 * (np.bincount(digits.train_labels) + test)))


def test_the_split_never_moves() -> None:
    digits = load("digits")
    digest = hashlib.sha256(digits.test_images.tobytes() + digits.test_labels.astype("<i8").tobytes()).hexdigest()
    assert digest == "42b1ef9d444c251f6afd2ca516b0c41cbbce53fac34cb9e06cb4293fc05005a8"
