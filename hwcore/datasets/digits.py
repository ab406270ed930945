"""The digits that come with scikit-learn: 1,797 images of 8 x 8, and no network needed."""

import numpy as np
from sklearn.datasets import load_digits

from hwcore.datasets.dataset import Dataset
from hwcore.uploads import mask_to_test


def bundled_digits() -> Dataset:
    """Return scikit-learn's digits with a fixed split, stratified by class: 80 % to train on, 20 % to test.

    The images come from 13 writers who are on both sides of this split, which makes it easier than one by writers.
    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    doi:10.24432/C50P49 (the test part, as scikit-learn bundles it).
    """
    bundled = load_digits()
    images = np.asarray(bundled.images).astype(np.uint8)
    labels = np.asarray(bundled.target).astype(np.int64)
    test = mask_to_test(labels)
    train = ~test
    return Dataset(
        name="digits",
        origin="bundled with scikit-learn",
        split=f"{train.sum():,} training and {test.sum():,} test images, a fixed split",
        train_images=images[train],
        train_labels=labels[train],
        test_images=images[test],
        test_labels=labels[test],
        classes=10,
        full_scale=16,
    )
