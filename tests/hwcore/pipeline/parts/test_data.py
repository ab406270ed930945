"""What a job reads, and what it refuses to learn from."""

import struct
from pathlib import Path

import numpy as np
import pytest

from hwcore.errors import DatasetInvalid, InvalidInput
from hwcore.pipeline import run
from hwcore.spec import parse_job

JOB = {"dataset": "mnist", "hardware": "ideal", "model": {"hidden": [4]}, "training": {"epochs": 1}}


def write_idx(path: Path, array: np.ndarray) -> None:
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def test_too_few_images_are_refused_by_name_and_nothing_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    for part in ("train", "t10k"):
        write_idx(folder / f"{part}-images-idx3-ubyte", np.zeros((1, 28, 28), np.uint8))
        write_idx(folder / f"{part}-labels-idx1-ubyte", np.zeros(1, np.uint8))
    with pytest.raises(DatasetInvalid, match="mnist: got 1 training images; expected at least 20"):
        run(parse_job(JOB), tmp_path / "out", data_dir=tmp_path / "data")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("threads", [0, 1025, 100_000])
def test_threads_beyond_reason_are_refused(tmp_path: Path, threads: int) -> None:
    with pytest.raises(InvalidInput, match=f"threads: got {threads}; allowed: a whole number from 1 to 1024"):
        run(parse_job({**JOB, "dataset": "digits"}), tmp_path / "out", threads=threads)
    assert list(tmp_path.iterdir()) == []
