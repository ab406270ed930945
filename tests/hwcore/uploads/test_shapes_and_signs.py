"""Channels, series, signs and target numbers in a file: what is read is what was saved, by numpy as the witness."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwcore.uploads import describe, read
from tests.hwcore.uploads.files import arrays, write_npz


def drawn(shape: tuple[int, ...], dtype: str = "uint8", **more: Any) -> dict[str, Any]:
    """Arrays over the whole range of a type."""
    generator, limits = np.random.default_rng(0), np.iinfo(dtype)
    saved = arrays() | more
    for name, count in (("x_train", 40), ("x_test", 10)):
        values = generator.integers(limits.min, limits.max + 1, (count, *shape))
        values.flat[:2] = limits.min, limits.max
        saved[name] = values.astype(dtype)
    return saved


@pytest.mark.parametrize(
    ("shape", "axis", "found", "series"),
    [
        ((3, 6, 5), 1, (3, 6, 5), None),
        ((6, 5, 3), 3, (3, 6, 5), None),
        ((6, 5, 3), -1, (3, 6, 5), None),
        ((4, 7), 1, (4, 7), True),
        ((7, 4), 2, (4, 7), True),
        ((1, 7), 1, (1, 7), True),
        ((1, 6, 5), 1, (1, 6, 5), None),
    ],
)
def test_channels_come_first_wherever_they_were(
    tmp_path: Path, shape: tuple[int, ...], axis: int, found: tuple[int, ...], series: bool | None
) -> None:
    saved = drawn(shape, channel_axis=axis)
    path = write_npz(tmp_path / "own.npz", saved)
    data = read(path)
    expected = saved["x_train"] if axis == 1 else np.moveaxis(saved["x_train"], axis, 1)
    np.testing.assert_array_equal(data.train_images, expected)
    about = data.description
    assert about == describe(path)
    assert data.train_images.shape[1:] == found
    assert (about.channels or 1, about.series) == (found[0], series)
    assert (about.height, about.width) == ((1, found[1]) if series else found[1:])


@pytest.mark.parametrize(
    ("dtype", "full_scale"), [("uint8", 255), ("int8", 128), ("uint16", 65_535), ("int16", 32_768), (">i2", 32_768)]
)
def test_whole_numbers_are_read_as_they_are(tmp_path: Path, dtype: str, full_scale: int) -> None:
    native = np.dtype(dtype).newbyteorder("=").name
    saved = drawn((4, 4), native)
    for name in ("x_train", "x_test"):
        saved[name] = saved[name].astype(dtype)
    data = read(write_npz(tmp_path / "own.npz", saved))
    np.testing.assert_array_equal(data.train_images, saved["x_train"])
    assert data.train_images.dtype == np.dtype(native)
    about = data.description
    assert (about.full_scale, about.full_scale_byte, about.largest) == (full_scale, full_scale, full_scale)
    assert about.signed is (True if native.startswith("int") else None)
    assert about.warnings == ()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_signed_floating_point_becomes_16_bits(tmp_path: Path, dtype: str) -> None:
    saved = arrays(shape=(4, 4)) | {"signed": True, "full_scale": 4.0}
    for name in ("x_train", "x_test"):
        saved[name] = np.random.default_rng(0).uniform(-4, 4, saved[name].shape).astype(dtype)
    data = read(write_npz(tmp_path / "own.npz", saved))
    assert data.train_images.dtype == np.int16
    back = data.train_images * (4 / data.description.full_scale_byte)
    assert np.abs(back - saved["x_train"].astype(np.float64)).max() <= 4 / 32_767 / 2 * (1 + 1e-9)
    assert (data.description.signed, data.description.full_scale_byte) == (True, 32_767)


@pytest.mark.parametrize("outputs", [None, 1, 3])
def test_targets_may_be_numbers(tmp_path: Path, outputs: int | None) -> None:
    saved = arrays()
    for name, count in (("y_train", 40), ("y_test", 10)):
        saved[name] = np.random.default_rng(1).normal(size=(count,) if outputs is None else (count, outputs))
    data = read(write_npz(tmp_path / "own.npz", saved))
    np.testing.assert_array_equal(data.train_labels, saved["y_train"].astype(np.float32).reshape(40, -1))
    np.testing.assert_array_equal(data.test_labels, saved["y_test"].astype(np.float32).reshape(10, -1))
    about = data.description
    assert (about.targets, about.classes, about.training_per_class) == ("numbers", outputs or 1, ())
    assert (about.training_images, about.test_images) == (40, 10)


def test_numbers_without_a_split_have_a_fifth_to_test_on(tmp_path: Path) -> None:
    saved = {"x": drawn((4,))["x_train"], "y": np.linspace(0, 1, 40, dtype=np.float32)}
    data = read(write_npz(tmp_path / "own.npz", saved))
    assert (len(data.train_labels), len(data.test_labels), data.description.split) == (32, 8, "seeded")
    both = np.concatenate([data.train_labels, data.test_labels]).ravel()
    np.testing.assert_array_equal(np.sort(both), saved["y"])


def test_a_description_says_nothing_new_of_grey_images_and_their_classes(tmp_path: Path) -> None:
    about = describe(write_npz(tmp_path / "own.npz", arrays())).to_json()
    assert not {"channels", "series", "signed", "targets"} & set(about)
