"""The header of an npy array, read by rules of its own: numpy's reader would believe lengths and unpickle objects."""

import ast
import re
import struct
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any, Final

import numpy as np

from hwcore.uploads.limits import MOST_HEADER_BYTES
from hwcore.uploads.refusal import refusal, shown

MOST_DIMENSIONS: Final = 4
_PLAIN_TYPE: Final = re.compile(r"[<>|=]?[iuf][1248]|\|b1")
_LENGTHS: Final = {(1, 0): struct.Struct("<H"), (2, 0): struct.Struct("<L")}


@dataclass(frozen=True)
class NpyHeader:
    """Contents of an npy header.

    Attributes:
        shape: of the array.
        dtype: of its values, plain numbers.
        size: bytes of the header itself.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    size: int


def read_npy_header(stream: BufferedIOBase, name: str) -> NpyHeader:
    """Read the header and leave the stream at the first value.

    Raises:
        UploadInvalid: no npy; objects, records, text or complex numbers; stored by columns; too many dimensions.
    """
    magic = stream.read(8)
    length = _LENGTHS.get((magic[6], magic[7])) if len(magic) == 8 and magic[:6] == b"\x93NUMPY" else None
    if length is None:
        raise refusal(name, f"bytes 0x{magic.hex()}", "an array as numpy.savez writes it (npy 1.0 or 2.0)")
    counted = stream.read(length.size)
    size = length.unpack(counted)[0] if len(counted) == length.size else 0
    if size > MOST_HEADER_BYTES:
        raise refusal(name, f"an npy header of {size:,} bytes", f"at most {MOST_HEADER_BYTES:,}")
    text = stream.read(size)
    descr, fortran, shape = _fields(text, name)
    if not _PLAIN_TYPE.fullmatch(descr):
        raise refusal(
            name, f"values of type {shown(descr)}", "plain whole or floating-point numbers; no objects (pickles)"
        )
    if len(shape) > MOST_DIMENSIONS:
        raise refusal(name, f"{len(shape)} dimensions", f"at most {MOST_DIMENSIONS}")
    if fortran and len(shape) > 1:
        raise refusal(name, "an array stored by columns", "one stored by rows: numpy.ascontiguousarray(array)")
    try:
        dtype = np.dtype(descr)
    except TypeError as error:
        raise refusal(name, f"values of type {shown(descr)}", "a type that numpy has, such as |u1 or <f4") from error
    return NpyHeader(shape, dtype, 8 + length.size + size)


def _fields(text: bytes, name: str) -> tuple[str, bool, tuple[int, ...]]:
    try:
        values = ast.literal_eval(text.decode("latin-1").strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        values = None
    if isinstance(values, dict) and set(values) == {"descr", "fortran_order", "shape"}:
        descr, fortran, shape = values["descr"], values["fortran_order"], values["shape"]
        whole = isinstance(shape, tuple) and all(type(length) is int and length >= 0 for length in shape)
        if whole and isinstance(fortran, bool):
            if not isinstance(descr, str):
                raise refusal(name, "values with named fields", "plain whole or floating-point numbers")
            return descr, fortran, shape
    raise refusal(
        name, f"the npy header {shown(text.decode('latin-1'))}", "descr, fortran_order and shape, as numpy writes"
    )
