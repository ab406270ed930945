"""Small sets in the official formats, written by the tests themselves."""

import dataclasses
import gzip
import hashlib
import io
import struct
import zipfile
from pathlib import Path

import numpy as np

from hwcore.datasets.official import Download, Official


def idx_bytes(array: np.ndarray) -> bytes:
    """Write an array of unsigned bytes as IDX."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def sample_arrays(official: Official, train: int = 30, test: int = 12) -> dict[str, np.ndarray]:
    """Return arrays by file name: random images of 28 x 28, labels that go through all allowed codes."""
    generator = np.random.default_rng(7)
    classes = 26 if official.first_label else 10
    arrays = {}
    for images, labels, count in (
        (official.train_images, official.train_labels, train),
        (official.test_images, official.test_labels, test),
    ):
        arrays[images] = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        arrays[labels] = np.arange(count) % classes + official.first_label
    return arrays


def write_set(folder: Path, arrays: dict[str, np.ndarray], *, unpacked: bool = False) -> None:
    """Write the files of a set into a folder, gzip or unpacked."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        if unpacked:
            (folder / name.removesuffix(".gz")).write_bytes(idx_bytes(array))
        else:
            (folder / name).write_bytes(gzip.compress(idx_bytes(array)))


def as_archive(files: dict[str, bytes]) -> bytes:
    """Pack files into a zip, below `gzip/` as in the official archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"gzip/{name}", content)
    return buffer.getvalue()


def served_from(official: Official, files: dict[str, bytes], *addresses: str) -> Official:
    """Return the same distribution as it would be if these files were the official ones and lay at these addresses."""
    downloads = tuple(
        Download(
            name, tuple(f"{address}/{name}" for address in addresses), hashlib.sha256(content).hexdigest(), len(content)
        )
        for name, content in files.items()
    )
    return dataclasses.replace(official, downloads=downloads)
