"""Sets in a folder of the user's own: what is taken, what it is called, and what is refused."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from hwcore.datasets import Dataset, load
from hwcore.datasets.official import EMNIST_LETTERS, MNIST, OFFICIAL, Official
from hwcore.errors import DatasetInvalid, InvalidInput
from tests.hwcore.datasets.sample_files import sample_arrays, write_set


def given(tmp_path: Path, official: Official, **changed: np.ndarray) -> Path:
    """Write a small set with some arrays changed, by field name; return the data folder."""
    arrays = sample_arrays(official)
    arrays.update({getattr(official, field): array for field, array in changed.items()})
    write_set(tmp_path / official.folder, arrays)
    return tmp_path


def refusal(data_dir: Path, name: str, cache_dir: Path) -> str:
    with pytest.raises(DatasetInvalid) as caught:
        load(name, data_dir=data_dir, cache_dir=cache_dir)
    assert not cache_dir.exists()
    return str(caught.value)


def assert_same(one: Dataset, other: Dataset) -> None:
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


@pytest.mark.parametrize("unpacked", [False, True])
def test_mnist_comes_as_it_is(tmp_path: Path, unpacked: bool) -> None:
    arrays = sample_arrays(MNIST)
    write_set(tmp_path / "mnist", arrays, unpacked=unpacked)
    mnist = load("mnist", data_dir=tmp_path)
    assert (mnist.name, mnist.classes, mnist.full_scale) == ("mnist", 10, 255)
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        np.testing.assert_array_equal(getattr(mnist, part), arrays[getattr(MNIST, part)])


@pytest.mark.parametrize("unpacked", [False, True])
def test_emnist_is_turned_upright_and_counts_from_zero(tmp_path: Path, unpacked: bool) -> None:
    arrays = sample_arrays(EMNIST_LETTERS)
    write_set(tmp_path / "emnist", arrays, unpacked=unpacked)
    emnist = load("emnist-letters", data_dir=tmp_path)
    assert (emnist.name, emnist.classes, emnist.full_scale) == ("emnist-letters", 26, 255)
    stored = arrays[EMNIST_LETTERS.train_images]
    for row, column in ((0, 27), (3, 11), (27, 0)):
        np.testing.assert_array_equal(emnist.train_images[:, row, column], stored[:, column, row])
    assert emnist.train_images.flags.c_contiguous
    np.testing.assert_array_equal(emnist.test_labels, arrays[EMNIST_LETTERS.test_labels] - 1)
    assert (emnist.train_labels.min(), emnist.train_labels.max()) == (0, 25)


@pytest.mark.parametrize("official", OFFICIAL.values(), ids=OFFICIAL)
def test_the_source_says_that_a_subset_is_one_and_names_no_path(tmp_path: Path, official: Official) -> None:
    dataset = load(official.name, data_dir=given(tmp_path, official))
    split = f"{official.train_count:,} and {official.test_count:,}"
    assert dataset.origin == "MHO_DATA_DIR"
    assert dataset.split == f"subset: 30 training and 12 test images, not the official split of {split}"


@pytest.mark.parametrize("official", OFFICIAL.values(), ids=OFFICIAL)
def test_refuses_what_is_mislabelled(tmp_path: Path, official: Official) -> None:
    arrays = sample_arrays(official)
    train_images, train_labels = arrays[official.train_images], arrays[official.train_labels]
    first, last = official.first_label, official.first_label + (25 if official.first_label else 9)
    too_high, too_low = train_labels.copy(), train_labels.copy()
    too_high[3], too_low[4] = last + 1, 0
    cases: list[tuple[str, dict[str, np.ndarray], str]] = [
        ("fewer", {"train_labels": train_labels[:-1]}, "got 29 labels; expected 30, one for each of "),
        ("more", {"test_labels": train_labels}, "got 30 labels; expected 12, one for each of "),
        ("high", {"train_labels": too_high}, f"got label {last + 1} at position 3; expected {first} to {last}"),
        ("images", {"train_labels": train_images}, "(images, three dimensions); expected 0x00000801 (labels"),
        ("labels", {"test_images": train_labels}, "(labels, one dimension); expected 0x00000803 (images"),
        ("small", {"test_images": train_images[:12, :14, :14]}, "got images of 14 x 14 pixels; expected 28 x 28"),
        (
            "wide",
            {"train_images": train_images[:, :14].reshape(30, 7, 56)},
            "got images of 7 x 56 pixels; expected 28 x 28",
        ),
    ]
    if first:
        cases.append(("low", {"train_labels": too_low}, f"got label 0 at position 4; expected {first} to {last}"))
    for name, changed, expected in cases:
        message = refusal(given(tmp_path / name, official, **changed), official.name, tmp_path / "cache")
        assert expected in message
        assert getattr(official, next(iter(changed))) in message


def test_a_folder_with_some_of_the_files_says_which_are_missing(tmp_path: Path) -> None:
    data_dir = given(tmp_path, MNIST)
    (data_dir / "mnist" / MNIST.test_labels).unlink()
    message = refusal(data_dir, "mnist", tmp_path / "cache")
    assert "got 3 of the 4 files of mnist; missing: t10k-labels-idx1-ubyte.gz" in message


def test_a_damaged_or_strange_file_is_named(tmp_path: Path) -> None:
    data_dir = given(tmp_path, MNIST)
    path = data_dir / "mnist" / MNIST.train_images
    path.write_bytes(path.read_bytes()[:-100])
    assert str(path) in refusal(data_dir, "mnist", tmp_path / "cache")
    path.unlink()
    path.mkdir()
    assert f"{path}: got a folder" in refusal(data_dir, "mnist", tmp_path / "cache")


def test_a_folder_that_may_not_be_read_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        data_dir = given(Path(name), MNIST)
        data_dir.chmod(0o755)
        (data_dir / "mnist").chmod(0o000)
        user = os.geteuid()
        if user == 0:  # root may read everything: be somebody else for a moment
            os.seteuid(65534)
        try:
            message = refusal(data_dir, "mnist", data_dir / "cache")
        finally:
            os.seteuid(user)
            (data_dir / "mnist").chmod(0o755)
    assert message == f"{data_dir / 'mnist'}: got Permission denied; expected a folder that this user can read"


def test_loading_twice_gives_the_same_and_nothing_shared(tmp_path: Path) -> None:
    data_dir = given(tmp_path, MNIST)
    first, second = load("mnist", data_dir=data_dir), load("mnist", data_dir=data_dir)
    assert_same(first, second)
    first.train_images[:] = 0
    assert second.train_images.any()


@pytest.mark.parametrize("name", ["", "MNIST", "emnist", "../mnist", "emnist-balanced"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(name)
    (fault,) = caught.value.faults
    assert fault.pointer == "/dataset"
    assert str(caught.value) == f"dataset: got {name!r}; allowed: digits, mnist, emnist-letters, cifar10, fsdd"
