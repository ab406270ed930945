"""Arrays of an npz file that a dataset comes in."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hwcore.errors import DatasetInvalid

Arrays = list[np.ndarray[Any, np.dtype[Any]]]


def read_npz(path: Path, names: Sequence[str], holds: str, dtype: type[np.generic] | None = None) -> Arrays:
    """Arrays by their names, in this order; nothing is unpickled.

    Args:
        path: the file.
        names: of the arrays, without ".npy".
        holds: what the file is to hold, for the message.
        dtype: that they are turned into; None: they stay as they are.

    Raises:
        DatasetInvalid: no readable npz, one without these arrays, or with something that does not turn into the type.
    """
    try:
        with np.load(path) as file:
            found = [file[name] for name in names]
        return found if dtype is None else [array.astype(dtype) for array in found]
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DatasetInvalid(f"{path}: got {error}; expected an npz with {holds}") from error
