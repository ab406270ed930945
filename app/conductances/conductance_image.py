"""One layer's conductances as a picture from which they can be read back: a PNG of 16-bit greys, one pixel per cell.

Rows are word lines. The left half are the positive components, the right half the negative ones, both on one linear
scale: black is the layer's smallest conductance, white its largest. The text chunks `g_min` and `g_max` hold them in S,
so that g = g_min + grey / 65535 * (g_max - g_min), to half a grey: 7.6e-6 of the range. Levels that lie further apart
than that stay apart.

Written row by row, so that memory stays flat whatever the size.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.conductances.conductance_file import PAIR, ConductanceFile
from app.files.stored_file import StoredFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
WHITE = 65_535


def png_chunks(path: Path | StoredFile, layer: str) -> Iterator[bytes]:
    """The layer as a PNG, piece by piece."""
    with ConductanceFile(path) as file:
        shape = file.shape(layer)
        low, high = _range(file, layer)
        yield SIGNATURE
        # 16 bits, grey, nothing interlaced.
        yield _chunk(b"IHDR", struct.pack(">IIBBBBB", 2 * shape.cols, shape.rows, 16, 0, 0, 0, 0))
        texts = {
            "layer": layer,
            "unit": "S",
            "g_min": repr(low),
            "g_max": repr(high),
            "left": "g_pos",
            "right": "g_neg",
        }
        for name, text in texts.items():
            yield _chunk(b"iTXt", name.encode() + b"\0\0\0\0\0" + text.encode())
        pressed = zlib.compressobj(6)
        scale = WHITE / (high - low) if high > low else 0.0
        for halves in zip(*(_rows(file, layer, name) for name in PAIR), strict=True):
            greys = np.rint((np.concatenate(halves) - low) * scale).astype(">u2")
            # Each line begins with the name of its filter: none.
            if data := pressed.compress(b"\0" + greys.tobytes()):
                yield _chunk(b"IDAT", data)
        yield _chunk(b"IDAT", pressed.flush())
        yield _chunk(b"IEND", b"")


def _range(file: ConductanceFile, layer: str) -> tuple[float, float]:
    """Smallest and largest conductance of the layer."""
    extremes = [(float(b.min()), float(b.max())) for name in PAIR for b in file.blocks(layer, name)]
    return min(low for low, _ in extremes), max(high for _, high in extremes)


def _rows(file: ConductanceFile, layer: str, array: str) -> Iterator[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """The word lines of one array."""
    for block in file.blocks(layer, array):
        yield from block.astype(np.float64)


def _chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG: length, kind, data, and the check sum of the last two."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
