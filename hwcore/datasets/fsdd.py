"""Free Spoken Digits as mel-frequency cepstral coefficients, from the user's own folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int16, Int64

from hwcore.datasets.dataset import Dataset
from hwcore.datasets.npz import read_npz
from hwcore.datasets.official_split import official_dataset
from hwcore.errors import DatasetInvalid, DatasetUnavailable
from hwcore.spec import DATASETS

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
    arrays = read_npz(path, ("x_train", "y_train", "x_test", "y_test"), _HOLDS)
    train, test = _part(path, "train", *arrays[:2]), _part(path, "test", *arrays[2:])
    data = official_dataset(
        "fsdd",
        train,
        test,
        (TRAINING, TEST),
        origin="MHO_DATA_DIR",
        what="recordings",
        full_scale=STEPS,
        value=FULL_SCALE,
    )
    return replace(data, signed=True, series=True)


def _part(
    path: Path, part: str, x: np.ndarray, y: np.ndarray
) -> tuple[Int16[np.ndarray, "n coefficients frames"], Int64[np.ndarray, " n"]]:
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
