"""CIFAR-10: the official binary version, or the same images re-encoded as JPEG, which says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwcore.datasets.dataset import Dataset
from hwcore.datasets.download import DownloadCallback
from hwcore.datasets.fetched import fetched
from hwcore.datasets.jpegs import INDEX, PACKED, read_jpegs
from hwcore.datasets.official import CIFAR10
from hwcore.datasets.official_split import Part, official_dataset, require_labels
from hwcore.errors import DatasetInvalid
from hwcore.spec import DATASETS

SHAPE = DATASETS["cifar10"].input_shape
RE_ENCODED = "cifar10-jpeg"
"""Folder below MHO_DATA_DIR with the re-encoded images."""
NESTED = "cifar-10-batches-bin"
"""Folder of the files in the archive of the binary version."""


def load_cifar10(data_dir: Path | None, cache_dir: Path, on_download: DownloadCallback | None) -> Dataset:
    """The official binary version from `data_dir`, else its images re-encoded as JPEG, else a download.

    Args, Raises:
        as for `hwcore.datasets.load`.

    Source: A. Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images.
    """
    if data_dir is not None:
        for folder in (data_dir / CIFAR10.folder, data_dir / CIFAR10.folder / NESTED):
            if _has(folder, CIFAR10.files):
                return _read_records(folder, "MHO_DATA_DIR")
        folder = data_dir / RE_ENCODED
        if _has(folder, [name.format(part=part) for part in ("train", "test") for name in (PACKED, INDEX)]):
            parts = [read_jpegs(folder, part, SHAPE, DATASETS["cifar10"].classes) for part in ("train", "test")]
            return _dataset(*parts, origin=f"MHO_DATA_DIR, {RE_ENCODED}", note=", re-encoded as JPEG")
    return _read_records(fetched(CIFAR10, data_dir, cache_dir, on_download), "download")


def read_records(path: Path) -> Part:
    """Read one file of the binary version: records of a label, then 1,024 bytes each of red, green and blue, by rows.

    Raises:
        DatasetInvalid: no readable file, not a whole number of records, or a label above 9.
    """
    record = 1 + int(np.prod(SHAPE))
    try:
        data = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        got = error.strerror or str(error)
        raise DatasetInvalid(f"{path}: got {got}; expected a file that this user can read") from error
    if not data.size or data.size % record:
        raise DatasetInvalid(f"{path}: got {data.size:,} bytes; expected a multiple of {record:,}, one record or more")
    records = data.reshape(-1, record)
    labels, classes = records[:, 0].astype(np.int64), DATASETS["cifar10"].classes
    require_labels(path, labels, classes)
    return np.ascontiguousarray(records[:, 1:]).reshape(-1, *SHAPE), labels


def _has(folder: Path, names: tuple[str, ...] | list[str]) -> bool:
    """Tell whether a folder has the files; some of them are a fault."""
    try:
        missing = [name for name in names if not (folder / name).is_file()]
    except OSError as error:
        raise DatasetInvalid(f"{folder}: got {error.strerror}; expected a folder that this user can read") from error
    if 0 < len(missing) < len(names):
        raise DatasetInvalid(
            f"{folder}: got {len(names) - len(missing)} of the {len(names)} files of cifar10; missing: "
            f"{', '.join(missing)}. Add them, or take the others away"
        )
    return not missing


def _read_records(folder: Path, origin: str) -> Dataset:
    read = [read_records(folder / name) for name in CIFAR10.train_files]
    train = np.concatenate([images for images, _ in read]), np.concatenate([labels for _, labels in read])
    return _dataset(train, read_records(folder / CIFAR10.test_file), origin=origin)


def _dataset(train: Part, test: Part, *, origin: str, note: str = "") -> Dataset:
    counts = CIFAR10.train_count, CIFAR10.test_count
    return official_dataset(CIFAR10.name, train, test, counts, origin=origin, note=note)
