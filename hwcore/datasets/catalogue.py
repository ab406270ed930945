"""Datasets by name, from wherever they are to be had: bundled, the user's own folder, the cache, the network."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from hwcore.datasets.cifar10 import load_cifar10
from hwcore.datasets.dataset import Dataset
from hwcore.datasets.digits import bundled_digits
from hwcore.datasets.download import DownloadCallback, default_cache_dir
from hwcore.datasets.fsdd import load_fsdd
from hwcore.datasets.handwriting import load_handwriting
from hwcore.errors import Fault, InvalidInput

Loader = Callable[[Path | None, Path, DownloadCallback | None], Dataset]
LOADERS: Final[Mapping[str, Loader]] = MappingProxyType(
    {
        "digits": lambda data_dir, cache_dir, on_download: bundled_digits(),
        "mnist": partial(load_handwriting, "mnist"),
        "emnist-letters": partial(load_handwriting, "emnist-letters"),
        "cifar10": load_cifar10,
        "fsdd": lambda data_dir, cache_dir, on_download: load_fsdd(data_dir),
    }
)
"""Loaders by the name in a job. Each takes the user's own folder, the cache, and what is told of a download."""


def load(
    name: str,
    *,
    data_dir: Path | None = None,
    cache_dir: Path | None = None,
    on_download: DownloadCallback | None = None,
) -> Dataset:
    """Return a dataset: `digits` as bundled; others from `data_dir` if it has them, else from the cache or the network.

    Args:
        name: "digits", "mnist", "emnist-letters", "cifar10" or "fsdd".
        data_dir: the folder with the IDX files in `mnist/` and `emnist/`, gzip or unpacked, and with the files of
            `cifar10/` or `cifar10-jpeg/`, and `fsdd/`; callers take MHO_DATA_DIR.
        cache_dir: where downloads are kept; None for `mho` in the user's cache folder.
        on_download: called during a download with file name, bytes so far, bytes in all. An exception ends it.

    Raises:
        InvalidInput: no dataset of that name.
        DatasetUnavailable: neither in `data_dir` nor to be downloaded; says both ways to get it.
        DatasetInvalid: a file is damaged, mislabelled or missing from an otherwise filled folder.
    """
    row = LOADERS.get(name)
    if row is None:
        known = ", ".join(LOADERS)
        raise InvalidInput([Fault("/dataset", f"got {name!r}; allowed: {known}", json.dumps(name), f"one of {known}")])
    return row(data_dir, cache_dir or default_cache_dir(), on_download)
