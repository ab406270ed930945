"""The real handwriting, where it is there: counts, orientation, and figures published by others."""

from pathlib import Path

import numpy as np
import pytest

from hwcore.datasets import Dataset, load

pytestmark = pytest.mark.mnist


@pytest.fixture(scope="module")
def mnist(data_dir: Path) -> Dataset:
    return load("mnist", data_dir=data_dir)


@pytest.fixture(scope="module")
def emnist(data_dir: Path) -> Dataset:
    if not (data_dir / "emnist").is_dir():
        pytest.skip("MHO_DATA_DIR has no folder emnist/; docs/howto/datasets.md says how to get the files")
    return load("emnist-letters", data_dir=data_dir)


def test_mnist_is_the_official_split(mnist: Dataset) -> None:
    assert mnist.origin == "MHO_DATA_DIR"
    assert mnist.split == "60,000 training and 10,000 test images, as in the official split"
    assert mnist.train_images.shape == (60_000, 28, 28)
    assert mnist.test_images.shape == (10_000, 28, 28)


def test_mnist_agrees_with_published_figures(mnist: Dataset) -> None:
    # Mean and standard deviation as in PyTorch's MNIST example; counts and first labels as in the MNIST database.
    pixels = mnist.train_images / 255
    np.testing.assert_allclose([pixels.mean(), pixels.std()], [0.1307, 0.3081], rtol=0, atol=5e-5)
    np.testing.assert_array_equal(
        np.bincount(mnist.train_labels), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    )
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_emnist_says_what_it_is(emnist: Dataset) -> None:
    train, test = len(emnist.train_images), len(emnist.test_images)
    official = (train, test) == (124_800, 20_800)
    assert f"{train:,} training and {test:,} test images" in emnist.split
    assert ("not the official split of 124,800 and 20,800" in emnist.split) is not official
    assert np.unique(emnist.train_labels).tolist() == list(range(26))


def mean_image(emnist: Dataset, letter: str) -> np.ndarray:
    """The mean of all images of a letter, upper and lower case together."""
    return emnist.train_images[emnist.train_labels == ord(letter) - ord("A")].mean(axis=0)


def ink(emnist: Dataset, letter: str) -> np.ndarray:
    """The shares of ink in the four quarters of the mean image."""
    quarters = mean_image(emnist, letter).reshape(2, 14, 2, 14).sum(axis=(1, 3))
    return quarters / quarters.sum()


def test_emnist_letters_stand_upright_and_are_not_mirrored(emnist: Dataset) -> None:
    # Only the identity of the eight turns and mirrorings passes. P has its bow above, at the right of its stem;
    # F is open below, at the right; the hook of J leaves its top left free; I is a stroke from top to bottom.
    top_left, top_right, bottom_left, bottom_right = ink(emnist, "P").ravel()
    assert bottom_right < 0.6 * bottom_left
    assert top_left + top_right > 1.2 * (bottom_left + bottom_right)
    assert ink(emnist, "F")[1, 1] < 0.6 * ink(emnist, "F")[1, 0]
    assert ink(emnist, "J")[0, 0] == ink(emnist, "J").min()
    stroke = mean_image(emnist, "I")
    assert stroke[:, 10:18].sum() > 1.5 * stroke[10:18, :].sum()
