"""Free Spoken Digits as mel-frequency cepstral coefficients, from the user's own folder."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int16, Int64

from hwcore.datasets.dataset import Dataset
from hwcore.datasets.split_in_words import described_split
from hwcore.errors import DatasetInvalid, DatasetUnavailable
from hwcore.spec import DATASETS, dataset_warnings

FILE: Final = "fsdd/fsdd-mfcc.npz"
"""File below MHO_DATA_DIR."""
FULL_SCALE: Final = 128.0
"""Coefficient that becomes the input 1; the largest of the official files is 116.5."""
STEPS: Final = 32_767
"""Codes on either side of 0: 16 bits."""
TRAINING, TEST = 2_700, 300
"""Recordings in the official split: recordings 0 to 4 of every speaker and digit are to test on."""
_HOLDS: Final = (
    "x_train, y_train, x_test and y_test: 10 MFCC in 49 frames of 40 ms every 20 ms over one second at 8 kHz, "
    "(n, 49, 10) floating point, and digits"
)


def load_fsdd(data_dir: Path | None) -> Dataset:
    """The spoken digits as (10 coefficients, 49 frames), rounded to 16 bits of a full scale of 128.

    Args:
        data_dir: the user's own folder; None: there is none.

    Raises:
        DatasetUnavailable: there is no such file; says how to get it.
        DatasetInvalid: it holds something else.

    Source: Z. Jackson and others, Free Spoken Digit Dataset, https://github.com/Jakobovski/free-spoken-digit-dataset.
    """
    if data_dir is None or not (data_dir / FILE).is_file():
        state = "it is not set" if data_dir is None else f"it is {data_dir}, and there is no such file"
        raise DatasetUnavailable(
            f"fsdd: nobody distributes its coefficients, so that it is not downloaded. Put {FILE} ({_HOLDS}) into a "
            f"folder and set MHO_DATA_DIR to that (now {state}); docs/howto/datasets.md says how to make the file"
        )
    path = data_dir / FILE
    arrays = _read(path)
    parts = [_part(path, arrays, part) for part in ("train", "test")]
    (train, train_labels), (test, test_labels) = parts
    classes = DATASETS["fsdd"].classes
    per_class = (np.bincount(labels, minlength=classes).tolist() for labels in (train_labels, test_labels))
    largest = int(max(np.abs(train).max(), np.abs(test).max()))
    return Dataset(
        name="fsdd",
        origin="MHO_DATA_DIR",
        split=described_split(len(train), len(test), TRAINING, TEST, "recordings"),
        train_images=train,
        train_labels=train_labels,
        test_images=test,
        test_labels=test_labels,
        classes=classes,
        full_scale=STEPS,
        signed=True,
        series=True,
        warnings=dataset_warnings(*per_class, largest=largest, full_scale_byte=STEPS, full_scale=FULL_SCALE),
    )


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as file:
            return {name: file[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DatasetInvalid(f"{path}: got {error}; expected an npz with {_HOLDS}") from error


def _part(
    path: Path, arrays: dict[str, np.ndarray], part: str
) -> tuple[Int16[np.ndarray, "n coefficients frames"], Int64[np.ndarray, " n"]]:
    x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
    facts = DATASETS["fsdd"]
    frames = facts.input_shape[::-1]
    if x.dtype.kind != "f" or x.shape[1:] != frames or not len(x):
        raise DatasetInvalid(f"{path}: x_{part}: got {x.dtype} of shape {x.shape}; expected floats of (n, 49, 10)")
    if y.shape != (len(x),) or y.dtype.kind not in "iu" or int(y.min()) < 0 or int(y.max()) >= facts.classes:
        got = f"{y.dtype} of shape {y.shape}"
        raise DatasetInvalid(f"{path}: y_{part}: got {got}; expected {len(x)} digits from 0 to {facts.classes - 1}")
    if not float(np.abs(x).max()) <= FULL_SCALE:
        got = f"a coefficient of {float(np.abs(x).max()):g}"
        raise DatasetInvalid(
            f"{path}: x_{part}: got {got}; expected finite numbers from -{FULL_SCALE:g} to {FULL_SCALE:g}"
        )
    codes = np.rint(x.astype(np.float64) * (STEPS / FULL_SCALE)).astype(np.int16)
    return np.ascontiguousarray(codes.transpose(0, 2, 1)), y.astype(np.int64)
