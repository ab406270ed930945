"""Spoken digits: signed codes of 16 bits, coefficients as channels, what is refused, and the real file where it is."""

from pathlib import Path

import numpy as np
import pytest

from hwcore.datasets import load
from hwcore.errors import DatasetInvalid, DatasetUnavailable


def arrays(**changed: np.ndarray) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    made = {}
    for part, count in (("train", 40), ("test", 20)):
        made[f"x_{part}"] = generator.normal(0, 20, (count, 49, 10)).astype(np.float32)
        made[f"y_{part}"] = (np.arange(count) % 10).astype(np.uint8)
    return made | changed


def written(folder: Path, **changed: np.ndarray) -> Path:
    (folder / "fsdd").mkdir(parents=True, exist_ok=True)
    np.savez(folder / "fsdd" / "fsdd-mfcc.npz", **arrays(**changed))
    return folder


def test_codes_are_the_coefficients_to_half_a_step(tmp_path: Path) -> None:
    fsdd = load("fsdd", data_dir=written(tmp_path))
    assert (fsdd.train_images.dtype, fsdd.input_shape, fsdd.signed) == (np.int16, (10, 49), True)
    step = 128 / fsdd.full_scale
    back = fsdd.train_images.transpose(0, 2, 1) * step
    assert np.abs(back - arrays()["x_train"]).max() <= step / 2
    assert fsdd.train_images.flags.c_contiguous
    assert fsdd.split == "subset: 40 training and 20 test recordings, not the official split of 2,700 and 300"


def test_what_is_refused(tmp_path: Path) -> None:
    x, y = arrays()["x_train"], arrays()["y_train"]
    nan = x.copy()
    nan[3, 4, 5] = np.nan
    cases: list[tuple[dict[str, np.ndarray], str]] = [
        ({"x_train": x * 10}, "x_train: got a coefficient of"),
        ({"x_train": nan}, "x_train: got a coefficient of nan; expected finite numbers from -128 to 128"),
        ({"x_train": x[:, :48]}, r"x_train: got float32 of shape \(40, 48, 10\); expected floats of \(n, 49, 10\)"),
        ({"y_train": y + 1}, "y_train: got uint8 of shape"),
        ({"y_train": y[:5]}, "y_train: got uint8 of shape"),
        ({"x_test": np.array([object()])}, "expected an npz with"),
    ]
    for number, (changed, expected) in enumerate(cases):
        with pytest.raises(DatasetInvalid, match=expected):
            load("fsdd", data_dir=written(tmp_path / str(number), **changed))


def test_without_the_file_the_message_says_how_to_get_it(tmp_path: Path) -> None:
    for data_dir, state in ((None, "it is not set"), (tmp_path, f"it is {tmp_path}, and there is no such file")):
        with pytest.raises(DatasetUnavailable) as caught:
            load("fsdd", data_dir=data_dir)
        message = str(caught.value)
        assert state in message
        assert "fsdd/fsdd-mfcc.npz" in message


@pytest.mark.mnist
def test_the_real_recordings(data_dir: Path) -> None:
    if not (data_dir / "fsdd").is_dir():
        pytest.skip("MHO_DATA_DIR has no folder fsdd/; docs/howto/datasets.md says what it holds")
    fsdd = load("fsdd", data_dir=data_dir)
    assert fsdd.split == "2,700 training and 300 test recordings, as in the official split"
    assert np.bincount(fsdd.train_labels).tolist() == [270] * 10
    assert np.bincount(fsdd.test_labels).tolist() == [30] * 10
    assert fsdd.warnings == ()
    with np.load(data_dir / "fsdd" / "fsdd-mfcc.npz") as file:
        expected = file["x_test"]
    back = fsdd.test_images.transpose(0, 2, 1) * (128 / fsdd.full_scale)
    assert np.abs(back - expected).max() <= 64 / fsdd.full_scale * (1 + 1e-6)
