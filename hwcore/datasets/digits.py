"""The digits that come with scikit-learn: 1,797 images of 8 x 8, and no network needed."""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from hwcore.datasets.dataset import Dataset
from hwcore.errors import DatasetUnavailable
from hwcore.uploads import mask_to_test


def bundled_digits() -> Dataset:
    """Return scikit-learn's digits with a fixed split, stratified by class: 80 % to train on, 20 % to test.

    The images come from 13 writers who are on both sides of this split, which makes it easier than one by writers.
    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
    doi:10.24432/C50P49 (the test part, as scikit-learn bundles it).

    Raises:
        DatasetUnavailable: the installed scikit-learn does not have the file.
    """
    with gzip.open(_file(), "rt", encoding="ascii") as lines:
        rows = np.loadtxt(lines, delimiter=",", dtype=np.int64)
    images, labels = rows[:, :-1].reshape(-1, 8, 8).astype(np.uint8), rows[:, -1].copy()
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


def _file() -> Path:
    """The file of scikit-learn: a row of 64 pixels and a label for every image.

    The package is found and not imported: that takes a second, with all of scipy.stats, and nothing else of it is used.
    """
    found = find_spec("sklearn")
    for folder in (found.submodule_search_locations or ()) if found is not None else ():
        path = Path(folder) / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            return path
    raise DatasetUnavailable(
        "the digits come with scikit-learn, and there is no sklearn/datasets/data/digits.csv.gz here; "
        "to do: pip install scikit-learn"
    )
