"""Labelled JPEG images packed one behind the other, with an index of where each begins."""

from __future__ import annotations

import io
import lzma
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int64, UInt8
from PIL import Image, UnidentifiedImageError

from hwcore.datasets.npz import read_npz
from hwcore.datasets.official_split import require_labels
from hwcore.errors import DatasetInvalid

PACKED: Final = "{part}.jpegs.xz"
"""Name of the file with the images of a part, train or test: JPEG files in a row, packed by xz."""
INDEX: Final = "{part}.index.npz"
"""Name of its index: `offsets`, one more than there are images, and `labels`."""


def read_jpegs(
    folder: Path, part: str, shape: tuple[int, ...], classes: int, most: int | None = None
) -> tuple[UInt8[np.ndarray, "n channels height width"], Int64[np.ndarray, " n"]]:
    """Read the images of one part, decoded as red, green and blue.

    Args:
        folder: with both files of the part.
        part: train or test.
        shape: (channels, height, width) that every image must have.
        classes: labels go from 0 to one less.
        most: images, from the first on; None: all.

    Raises:
        DatasetInvalid: a file that cannot be read, is damaged, or holds other images or labels.
    """
    packed, index = folder / PACKED.format(part=part), folder / INDEX.format(part=part)
    offsets, labels = _read_index(index, classes)
    if most is not None:
        offsets, labels = offsets[: most + 1], labels[:most]
    data = _unpacked(packed, int(offsets[-1]))
    images = np.empty((len(labels), *shape), dtype=np.uint8)
    for i, (start, stop) in enumerate(pairwise(offsets)):
        images[i] = _decoded(data[start:stop], shape, f"{packed}: image {i:,}")
    return images, labels


def _read_index(path: Path, classes: int) -> tuple[Int64[np.ndarray, " n1"], Int64[np.ndarray, " n"]]:
    offsets, labels = read_npz(path, ("offsets", "labels"), "offsets and labels", np.int64)
    if labels.ndim != 1 or not len(labels) or offsets.shape != (len(labels) + 1,):
        raise DatasetInvalid(
            f"{path}: got offsets of shape {offsets.shape}, labels of shape {labels.shape}; expected (n + 1,), (n,)"
        )
    if offsets[0] != 0 or not (np.diff(offsets) > 0).all():
        raise DatasetInvalid(f"{path}: got offsets that do not increase from 0; expected where each image begins")
    require_labels(path, labels, classes)
    return offsets, labels


def _unpacked(path: Path, size: int) -> bytes:
    """The first `size` bytes of a file in xz; no more is ever unpacked."""
    try:
        with lzma.open(path) as stream:
            data = stream.read(size)
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise DatasetInvalid(f"{path}: got {error}; expected a whole file in xz") from error
    if len(data) < size:
        raise DatasetInvalid(f"{path}: got {len(data):,} bytes; expected the {size:,} of its index")
    return data


def _decoded(data: bytes, shape: tuple[int, ...], where: str) -> UInt8[np.ndarray, "channels height width"]:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            height, width = shape[1:]
            if image.size != (width, height):
                got = f"{image.size[1]} x {image.size[0]} pixels"
                raise DatasetInvalid(f"{where}: got {got}; expected {height} x {width}")
            pixels = np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise DatasetInvalid(f"{where}: got {error}; expected a JPEG image") from error
    return pixels.transpose(2, 0, 1)
