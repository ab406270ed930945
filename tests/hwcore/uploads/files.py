"""Files of a user's own, good and hostile, written by the tests themselves."""

import gzip
import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from hwcore.uploads.idx import NAMES


def arrays(train: int = 40, test: int = 10, shape: tuple[int, ...] = (4, 4), classes: int = 4) -> dict[str, Any]:
    """Random images as bytes, with labels that go through all classes."""
    generator = np.random.default_rng(3)
    return {
        "x_train": generator.integers(0, 256, (train, *shape), dtype=np.uint8),
        "y_train": np.arange(train) % classes,
        "x_test": generator.integers(0, 256, (test, *shape), dtype=np.uint8),
        "y_test": np.arange(test) % classes,
    }


def digits_arrays() -> dict[str, Any]:
    """scikit-learn's digits as a user would save them, to be split by mho."""
    bundled = load_digits()
    return {"x": bundled.images.astype(np.uint8), "y": bundled.target, "full_scale": 16}


def write_npz(path: Path, values: Mapping[str, Any], *, packed: bool = False) -> Path:
    """Save arrays as numpy does."""
    (np.savez_compressed if packed else np.savez)(path, **values)
    return path


def npy(array: Any) -> bytes:
    """One array in the npy format."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def npy_with_header(header: str, values: bytes = b"") -> bytes:
    """An npy array whose header says what it likes."""
    text = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def write_zip(path: Path, members: Mapping[str, bytes] | list[tuple[str, bytes]], *, packed: bool = True) -> Path:
    """A zip with these members, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for name, content in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, content)
    return path


def npz_members(**changes: bytes) -> dict[str, bytes]:
    """The members of a good npz file, some of them exchanged."""
    return {f"{name}.npy": npy(array) for name, array in arrays().items()} | {
        f"{name}.npy": content for name, content in changes.items()
    }


def idx(array: np.ndarray) -> bytes:
    """An array of unsigned bytes as IDX."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def idx_members(values: Mapping[str, Any], *, packed: bool = False) -> dict[str, bytes]:
    """The four files of MNIST, plain or in gzip."""
    contents = (idx(np.asarray(values[name])) for name in ("x_train", "y_train", "x_test", "y_test"))
    if packed:
        return {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in zip(NAMES, contents, strict=True)}
    return dict(zip(NAMES, contents, strict=True))
