"""Reads one layer of `conductances.npz` without reading the rest of the file.

A member of an npz is a zip entry that holds an npy header and then the values, so the rows of one layer are streamed
with flat memory, however large the network is. Shapes come from the headers alone. No pickles.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
from numpy.lib import format as npy

from app.files.stored_file import StoredFile
from hwcore.errors import MhoError

PAIR = ("g_pos", "g_neg")
"""The conductances of the positive and the negative component, in S."""

CODES = ("code_pos", "code_neg")
"""The level of each cell of the two components, by index."""

BLOCK_BYTES = 1 << 20
"""Bytes of an array that are in memory at a time, roughly."""

Block = np.ndarray[Any, np.dtype[Any]]


class ConductanceFileError(MhoError):
    """The file is not what the export stage writes: cut off, or an array that is missing or misshapen."""

    reason = "ARTIFACT_LOST"


@dataclass(frozen=True)
class LayerShape:
    """One layer of the file.

    Args:
        name: e.g. "fc1".
        rows: word lines (inputs, and the bias row where there is one).
        cols: bit lines (outputs).
    """

    name: str
    rows: int
    cols: int


@dataclass(frozen=True)
class _Header:
    """Header of one npy array."""

    rows: int
    cols: int
    dtype: np.dtype[Any]
    by_columns: bool


class ConductanceFile:
    """An open `conductances.npz`; use as a context manager.

    Raises:
        ConductanceFileError: the file cannot be read as such.
    """

    def __init__(self, path: Path | StoredFile) -> None:
        self._file = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (OSError, zipfile.BadZipFile) as error:
            self._file.close()
            raise ConductanceFileError(f"{path.name}: {error}") from error
        self._names = frozenset(self._zip.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def layer_names(self) -> tuple[str, ...]:
        """Every layer, in the order of the file."""
        ending = f"/{PAIR[0]}.npy"
        return tuple(name.removesuffix(ending) for name in self._zip.namelist() if name.endswith(ending))

    def shape(self, layer: str) -> LayerShape:
        """Rows and columns of a layer, from the header alone."""
        with self._member(f"{layer}/{PAIR[0]}") as (_, header):
            return LayerShape(layer, header.rows, header.cols)

    def arrays(self, layer: str) -> tuple[str, ...]:
        """Return those of `PAIR` and `CODES` that the file has for this layer."""
        return tuple(name for name in (*PAIR, *CODES) if f"{layer}/{name}.npy" in self._names)

    def raw(self, layer: str, array: str) -> AbstractContextManager[IO[bytes]]:
        """One array as an npy stream, as it is stored."""
        return self._opened(f"{layer}/{array}")

    def blocks(self, layer: str, array: str) -> Iterator[Block]:
        """The rows of one array, each block (rows of the block, cols) and about `BLOCK_BYTES` large.

        An array that was stored by columns is read whole.
        """
        with self._member(f"{layer}/{array}") as (stream, header):
            row_bytes = header.cols * header.dtype.itemsize
            step = header.rows if header.by_columns else max(1, BLOCK_BYTES // row_bytes)
            for first in range(0, header.rows, step):
                count = min(step, header.rows - first)
                data = stream.read(count * row_bytes)
                if len(data) != count * row_bytes:
                    raise ConductanceFileError(f"{layer}/{array} ends before row {first + count} of {header.rows}")
                flat = np.frombuffer(data, dtype=header.dtype)
                yield flat.reshape((count, header.cols), order="F" if header.by_columns else "C")

    def rows(self, layer: str, array: str) -> Iterator[list[Any]]:
        """The rows of one array as lists of Python numbers."""
        for block in self.blocks(layer, array):
            yield from block.tolist()

    @contextmanager
    def _member(self, name: str) -> Iterator[tuple[IO[bytes], _Header]]:
        """The stream of one array after its header."""
        with self._opened(name) as stream:
            yield stream, _read_header(stream)

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        """The stream of one array, whose faults are those of the file while it is read."""
        if f"{name}.npy" not in self._names:
            raise ConductanceFileError(f"the file has no array {name}")
        try:
            with self._zip.open(f"{name}.npy") as stream:
                yield stream
        except (ValueError, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise ConductanceFileError(f"{name}: {error}") from error


@lru_cache(maxsize=1024)
def layer_range(path: Path | StoredFile, sha256: str, layer: str) -> tuple[float, float]:
    """Smallest and largest conductance of a layer, in S.

    Args:
        path: the npz file.
        sha256: its digest; the file never changes under it, so the answer is kept.
        layer: e.g. "fc1".
    """
    with ConductanceFile(path) as file:
        extremes = [(float(b.min()), float(b.max())) for name in PAIR for b in file.blocks(layer, name)]
    return min(low for low, _ in extremes), max(high for _, high in extremes)


def _read_header(stream: IO[bytes]) -> _Header:
    """The header of an array that must be a matrix of numbers; ValueError otherwise."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, by_columns, dtype = read(stream)
    if len(shape) != 2 or min(shape) < 1 or dtype.hasobject or dtype.kind not in "fu":
        raise ValueError(f"shape {shape} of {dtype}; expected a matrix of numbers")
    return _Header(shape[0], shape[1], dtype, by_columns)
