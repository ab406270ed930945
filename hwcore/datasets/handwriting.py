"""Handwriting in the IDX format: MNIST and EMNIST, from the user's own folder, the cache or the network."""

from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from hwcore.datasets.dataset import Dataset
from hwcore.datasets.download import DownloadCallback
from hwcore.datasets.fetched import fetched
from hwcore.datasets.idx import read_idx
from hwcore.datasets.official import OFFICIAL, Official
from hwcore.datasets.official_split import official_dataset, require_labels
from hwcore.errors import DatasetInvalid
from hwcore.spec import DATASETS


def load_handwriting(
    name: str, data_dir: Path | None, cache_dir: Path, on_download: DownloadCallback | None
) -> Dataset:
    """The four files of a distribution: those in `data_dir` if it has them, else from the cache or the network.

    Args, Raises:
        as for `hwcore.datasets.load`.
    """
    official = OFFICIAL[name]
    files = None if data_dir is None else _given_files(data_dir / official.folder, official)
    if files is not None:
        return _read(official, files, "MHO_DATA_DIR")
    folder = fetched(official, data_dir, cache_dir, on_download)
    try:
        return _read(official, tuple(folder / name for name in official.files), "download")
    except DatasetInvalid as error:
        raise DatasetInvalid(f"{error}. Delete the folder {folder}, and it is downloaded anew") from error


def _given_files(folder: Path, official: Official) -> tuple[Path, ...] | None:
    """Return the four files of the user's own folder, or None where it has none of them."""
    try:
        found = [
            next((path for path in (folder / name, folder / name.removesuffix(".gz")) if path.exists()), None)
            for name in official.files
        ]
    except OSError as error:
        raise DatasetInvalid(f"{folder}: got {error.strerror}; expected a folder that this user can read") from error
    present = tuple(path for path in found if path is not None)
    if 0 < len(present) < len(found):
        missing = ", ".join(name for name, path in zip(official.files, found, strict=True) if path is None)
        raise DatasetInvalid(
            f"{folder}: got {len(present)} of the 4 files of {official.name}; missing: {missing}. "
            "Add them, or take the others away to have it downloaded"
        )
    return present or None


def _read(official: Official, paths: tuple[Path, ...], origin: str) -> Dataset:
    train, test = _read_part(official, *paths[:2]), _read_part(official, *paths[2:])
    return official_dataset(official.name, train, test, (official.train_count, official.test_count), origin=origin)


def _read_part(
    official: Official, images_path: Path, labels_path: Path
) -> tuple[UInt8[np.ndarray, "n height width"], Int64[np.ndarray, " n"]]:
    facts = DATASETS[official.name]
    images = read_idx(images_path, dimensions=3)
    labels = read_idx(labels_path, dimensions=1).astype(np.int64) - official.first_label
    if images.shape[1:] != facts.image_shape:
        size, expected = (" x ".join(map(str, shape)) for shape in (images.shape[1:], facts.image_shape))
        raise DatasetInvalid(f"{images_path}: got images of {size} pixels; expected {expected}")
    if len(images) != len(labels):
        raise DatasetInvalid(
            f"{labels_path}: got {len(labels):,} labels; expected {len(images):,}, one for each of {images_path.name}"
        )
    require_labels(labels_path, labels, facts.classes, first=official.first_label)
    if official.transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images, labels
