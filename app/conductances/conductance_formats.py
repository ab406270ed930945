"""One layer's conductances as npz, csv, json or png, written piece by piece so that memory stays flat.

- npz: the arrays `<layer>/g_pos`, `<layer>/g_neg`, `<layer>/code_pos`, `<layer>/code_neg`, named as in the whole file.
- csv: comment lines beginning with `#` (layer, unit, layout), one header line, then one line per word line:
  `row,g_pos_0,...,g_pos_<cols-1>,g_neg_0,...,g_neg_<cols-1>` in S.
- json: `{"layer", "unit", "rows", "cols", "g_pos": [[...]], "g_neg": [[...]], "code_pos", "code_neg"}`, one inner list
  per word line.
- png: 16-bit greys, see `app.conductances.conductance_image`.

Numbers are written with as many digits as it takes to read the same float64 back.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from app.conductances.conductance_file import BLOCK_BYTES, PAIR, ConductanceFile
from app.conductances.conductance_image import png_chunks
from app.files.stored_file import StoredFile
from app.files.zip_sink import EPOCH, ZipSink

UNIT = "S"


def npz_chunks(path: Path | StoredFile, layer: str) -> Iterator[bytes]:
    """Write the layer's arrays as an npz."""
    sink = ZipSink()
    with ConductanceFile(path) as file, zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name in file.arrays(layer):
            entry = zipfile.ZipInfo(f"{layer}/{name}.npy", EPOCH)
            with file.raw(layer, name) as stream, archive.open(entry, "w", force_zip64=True) as target:
                while block := stream.read(BLOCK_BYTES):
                    target.write(block)
                    yield sink.take()
    yield sink.take()


def csv_chunks(path: Path | StoredFile, layer: str) -> Iterator[bytes]:
    """The layer as comma-separated lines, one per word line."""
    with ConductanceFile(path) as file:
        shape = file.shape(layer)
        columns = [f"{name}_{col}" for name in PAIR for col in range(shape.cols)]
        yield (
            f"# layer: {layer}\n"
            f"# unit: {UNIT} (siemens)\n"
            f"# rows: {shape.rows} word lines (inputs, and the bias row where there is one)\n"
            f"# cols: {shape.cols} bit lines (outputs)\n"
            "# one line per word line: its index, g_pos of every bit line, then g_neg of every bit line\n"
            f"{','.join(['row', *columns])}\n"
        ).encode()
        pairs = zip(*(file.rows(layer, name) for name in PAIR), strict=True)
        for index, (g_pos, g_neg) in enumerate(pairs):
            yield f"{index},{','.join(map(repr, g_pos))},{','.join(map(repr, g_neg))}\n".encode()


def json_chunks(path: Path | StoredFile, layer: str) -> Iterator[bytes]:
    """The layer as one JSON object."""
    with ConductanceFile(path) as file:
        shape = file.shape(layer)
        head = {"layer": layer, "unit": UNIT, "rows": shape.rows, "cols": shape.cols}
        yield json.dumps(head)[:-1].encode()
        for name in file.arrays(layer):
            yield f', "{name}": ['.encode()
            for index, row in enumerate(file.rows(layer, name)):
                yield (("," if index else "") + json.dumps(row, allow_nan=False)).encode()
            yield b"]"
        yield b"}\n"


FORMATS: Mapping[str, tuple[str, Callable[[Path | StoredFile, str], Iterator[bytes]]]] = {
    "npz": ("application/x-npz", npz_chunks),
    "csv": ("text/csv; charset=utf-8", csv_chunks),
    "json": ("application/json", json_chunks),
    "png": ("image/png", png_chunks),
}
"""The formats, each with its media type and its writer."""
