"""Good files: what is found in them, and that what is read is what was saved."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcore.datasets import load
from hwcore.uploads import describe, read
from tests.hwcore.uploads.files import arrays, digits_arrays, idx_members, npz_members, write_npz, write_zip


@pytest.mark.parametrize("packed", [False, True])
def test_an_npz_is_read_as_it_was_saved(tmp_path: Path, packed: bool) -> None:
    saved = arrays()
    path = write_npz(tmp_path / "own.npz", saved, packed=packed)
    data = read(path)
    assert data.description == describe(path)
    np.testing.assert_array_equal(data.train_images, saved["x_train"])
    np.testing.assert_array_equal(data.train_labels, saved["y_train"])
    np.testing.assert_array_equal(data.test_images, saved["x_test"])
    np.testing.assert_array_equal(data.test_labels, saved["y_test"])
    found = data.description
    assert (found.format, found.height, found.width, found.classes, found.split) == ("npz", 4, 4, 4, "given")
    assert (found.training_images, found.test_images) == (40, 10)
    assert found.training_per_class == (10, 10, 10, 10)
    assert found.test_per_class == (3, 3, 2, 2)
    assert (found.full_scale, found.full_scale_byte, found.warnings) == (255, 255, ())


def test_members_without_npy_are_read_under_their_name_as_numpy_does(tmp_path: Path) -> None:
    members = npz_members()
    bare = {name if name == "y_test.npy" else name.removesuffix(".npy"): content for name, content in members.items()}
    path = write_zip(tmp_path / "own.npz", bare)
    with np.load(path) as opened:
        seen_by_numpy = dict(opened)
    data = read(path)
    np.testing.assert_array_equal(data.train_images, seen_by_numpy["x_train"])
    np.testing.assert_array_equal(data.test_labels, seen_by_numpy["y_test"])
    assert data.description == describe(write_zip(tmp_path / "usual.npz", members)) == describe(path)


@pytest.mark.parametrize("packed", [False, True])
def test_a_zip_of_idx_files_is_read_as_it_was_saved(tmp_path: Path, packed: bool) -> None:
    saved = arrays()
    data = read(write_zip(tmp_path / "own.zip", idx_members(saved, packed=packed)))
    np.testing.assert_array_equal(data.train_images, saved["x_train"])
    np.testing.assert_array_equal(data.test_labels, saved["y_test"])
    assert data.description.format == "idx"


def test_an_array_larger_than_a_piece_is_read_whole(tmp_path: Path) -> None:
    saved = arrays(train=3000, shape=(28, 28), classes=10)
    data = read(write_npz(tmp_path / "own.npz", saved, packed=True))
    np.testing.assert_array_equal(data.train_images, saved["x_train"])


def test_digits_without_a_split_become_the_bundled_dataset(tmp_path: Path) -> None:
    bundled = load("digits")
    data = read(write_npz(tmp_path / "digits.npz", digits_arrays()))
    np.testing.assert_array_equal(data.train_images, bundled.train_images)
    np.testing.assert_array_equal(data.train_labels, bundled.train_labels)
    np.testing.assert_array_equal(data.test_images, bundled.test_images)
    np.testing.assert_array_equal(data.test_labels, bundled.test_labels)
    assert data.description.split == "seeded"
    assert (data.description.full_scale_byte, data.description.classes) == (bundled.full_scale, bundled.classes)


@pytest.mark.parametrize(
    ("shape", "found"), [((16,), (1, 16)), ((4, 4), (4, 4)), ((2, 8, 1), (2, 8))], ids=["vector", "image", "channel"]
)
def test_vectors_and_single_channels_are_images(tmp_path: Path, shape: tuple[int, ...], found: tuple[int, int]) -> None:
    saved = arrays(shape=shape)
    data = read(write_npz(tmp_path / "own.npz", saved))
    assert (data.description.height, data.description.width) == found
    np.testing.assert_array_equal(data.train_images, saved["x_train"].reshape(40, *found))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_floating_point_becomes_bytes(tmp_path: Path, dtype: str) -> None:
    saved = arrays()
    for name in ("x_train", "x_test"):
        saved[name] = (saved[name] / 255).astype(dtype)
    data = read(write_npz(tmp_path / "own.npz", saved))
    # float16 does not hold every k / 255 well enough to be closer to k than to its neighbours' middle, but nearly.
    np.testing.assert_array_equal(data.train_images, arrays()["x_train"])
    assert (data.description.full_scale, data.description.full_scale_byte) == (1.0, 255)


def test_a_full_scale_stretches_floating_point(tmp_path: Path) -> None:
    saved: dict[str, Any] = arrays() | {"full_scale": np.float32(16)}
    for name in ("x_train", "x_test"):
        saved[name] = np.full(saved[name].shape, 8.0)
    data = read(write_npz(tmp_path / "own.npz", saved))
    assert set(data.train_images.ravel()) == {128}


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", ">i8", "uint64"])
def test_labels_of_any_whole_type_are_read(tmp_path: Path, dtype: str) -> None:
    saved = arrays()
    saved["y_train"] = saved["y_train"].astype(dtype)
    data = read(write_npz(tmp_path / "own.npz", saved))
    np.testing.assert_array_equal(data.train_labels, arrays()["y_train"])


def test_what_is_probably_not_meant_is_said(tmp_path: Path) -> None:
    saved = arrays()
    saved["x_train"], saved["x_test"] = saved["x_train"] // 16, saved["x_test"] // 16
    saved["y_train"] = np.where(saved["y_train"] == 2, 3, saved["y_train"])
    first, second = describe(write_npz(tmp_path / "own.npz", saved)).warnings
    assert first == "1 of 4 classes have no image to train on: 2"
    assert second == "the largest value is 15 of a full scale of 255: is full_scale right?"
