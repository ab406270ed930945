"""Datasets by name, from wherever they are to be had: bundled, the user's own folder, the cache, the network."""

import json
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from hwcore.datasets.dataset import Dataset
from hwcore.datasets.digits import bundled_digits
from hwcore.datasets.download import DownloadCallback, default_cache_dir, fetch
from hwcore.datasets.idx import read_idx
from hwcore.datasets.official import OFFICIAL, Official
from hwcore.errors import DatasetInvalid, DatasetUnavailable, Fault, InvalidInput
from hwcore.spec import DATASETS, dataset_warnings


def load(
    name: str,
    *,
    data_dir: Path | None = None,
    cache_dir: Path | None = None,
    on_download: DownloadCallback | None = None,
) -> Dataset:
    """Return a dataset: `digits` as bundled; others from `data_dir` if it has them, else from the cache or the network.

    Args:
        name: "digits", "mnist" or "emnist-letters".
        data_dir: the folder with the IDX files in `mnist/` and `emnist/`, gzip or unpacked; callers take MHO_DATA_DIR.
        cache_dir: where downloads are kept; None for `mho` in the user's cache folder.
        on_download: called during a download with file name, bytes so far, bytes in all. An exception ends it.

    Raises:
        InvalidInput: no dataset of that name.
        DatasetUnavailable: neither in `data_dir` nor to be downloaded; says both ways to get it.
        DatasetInvalid: a file is damaged, mislabelled or missing from an otherwise filled folder.
    """
    if name == "digits":
        return bundled_digits()
    official = OFFICIAL.get(name)
    if official is None:
        known = ", ".join(["digits", *OFFICIAL])
        raise InvalidInput([Fault("/dataset", f"got {name!r}; allowed: {known}", json.dumps(name), f"one of {known}")])
    files = None if data_dir is None else _given_files(data_dir / official.folder, official)
    if files is not None:
        return _read(official, files, "MHO_DATA_DIR")
    cache_dir = cache_dir or default_cache_dir()
    try:
        folder = fetch(official, cache_dir, on_download)
    except (DatasetUnavailable, DatasetInvalid) as error:
        raise type(error)(f"{official.name}: {error}\n{_ways(official, data_dir, cache_dir)}") from error
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
    train_images, train_labels = _read_part(official, paths[0], paths[1])
    test_images, test_labels = _read_part(official, paths[2], paths[3])
    classes = DATASETS[official.name].classes
    per_class = (np.bincount(labels, minlength=classes).tolist() for labels in (train_labels, test_labels))
    largest = int(max(train_images.max(), test_images.max()))
    return Dataset(
        name=official.name,
        origin=origin,
        split=_describe_split(official, len(train_labels), len(test_labels)),
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        classes=classes,
        full_scale=255,
        warnings=dataset_warnings(*per_class, largest=largest, full_scale_byte=255),
    )


def _read_part(
    official: Official, images_path: Path, labels_path: Path
) -> tuple[UInt8[np.ndarray, "n height width"], Int64[np.ndarray, " n"]]:
    facts = DATASETS[official.name]
    images = read_idx(images_path, dimensions=3)
    labels = read_idx(labels_path, dimensions=1).astype(np.int64) - official.first_label
    if images.shape[1:] != tuple(facts.image_shape):
        size, expected = (" x ".join(map(str, shape)) for shape in (images.shape[1:], facts.image_shape))
        raise DatasetInvalid(f"{images_path}: got images of {size} pixels; expected {expected}")
    if len(images) != len(labels):
        raise DatasetInvalid(
            f"{labels_path}: got {len(labels):,} labels; expected {len(images):,}, one for each of {images_path.name}"
        )
    outside = np.flatnonzero((labels < 0) | (labels >= facts.classes))
    if outside.size:
        first, last = official.first_label, official.first_label + facts.classes - 1
        raise DatasetInvalid(
            f"{labels_path}: got label {labels[outside[0]] + first} at position {outside[0]:,}; "
            f"expected {first} to {last}"
        )
    if official.transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images, labels


def _describe_split(official: Official, train: int, test: int) -> str:
    if (train, test) == (official.train_count, official.test_count):
        return f"{train:,} training and {test:,} test images, as in the official split"
    kind = "subset" if train <= official.train_count and test <= official.test_count else "another set"
    return (
        f"{kind}: {train:,} training and {test:,} test images, not the official split of "
        f"{official.train_count:,} and {official.test_count:,}"
    )


def _ways(official: Official, data_dir: Path | None, cache_dir: Path) -> str:
    state = "it is not set" if data_dir is None else f"it is {data_dir}, and there are no such files"
    return (
        f"Two ways to get it. With a network: run this again, and it is downloaded once into {cache_dir} from "
        f"{', '.join(download.urls[0] for download in official.downloads)}. "
        f"Without: put {', '.join(official.files)} into a folder {official.folder}/ and set MHO_DATA_DIR to the folder "
        f"above it (now {state})."
    )
