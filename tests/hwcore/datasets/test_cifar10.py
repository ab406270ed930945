"""CIFAR-10 in both forms: records by hand, packed JPEGs against a decoder of their own, what is refused, and the real
images where they are."""

import io
import lzma
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hwcore.datasets import Dataset, load
from hwcore.datasets.cifar10 import read_records
from hwcore.datasets.jpegs import read_jpegs
from hwcore.datasets.official import CIFAR10
from hwcore.errors import DatasetInvalid

RECORD = 3073


def records(count: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).integers(0, 256, (count, RECORD)).astype(np.uint8)
    drawn[:, 0] = np.arange(count) % 10
    return drawn


def write_records(folder: Path, each: int = 20) -> dict[str, np.ndarray]:
    folder.mkdir(parents=True)
    found = {name: records(each, seed) for seed, name in enumerate(CIFAR10.files)}
    for name, array in found.items():
        (folder / name).write_bytes(array.tobytes())
    return found


def write_jpegs(folder: Path, part: str, images: np.ndarray, labels: np.ndarray) -> None:
    """Write (n, height, width, 3) as the folder of the re-encoded images has them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for image in images:
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, "JPEG", quality=75)
        files.append(stream.getvalue())
    (folder / f"{part}.jpegs.xz").write_bytes(lzma.compress(b"".join(files)))
    offsets = np.cumsum([0, *map(len, files)]).astype(np.uint32)
    np.savez(folder / f"{part}.index.npz", offsets=offsets, labels=labels.astype(np.uint8))


def smooth(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images that JPEG changes little: a plane of its own slope in every channel."""
    generator = np.random.default_rng(seed)
    slopes = generator.uniform(-3, 3, (count, 1, 1, 3))
    images = 128 + slopes * np.arange(-16, 16)[None, :, None, None] + np.zeros((1, 1, 32, 1))
    return np.round(images).astype(np.uint8), np.arange(count) % 10


@pytest.mark.parametrize("nested", ["", "cifar-10-batches-bin"])
def test_records_come_with_their_channels_in_order(tmp_path: Path, nested: str) -> None:
    written = write_records(tmp_path / "cifar10" / nested)
    cifar = load("cifar10", data_dir=tmp_path)
    assert (cifar.name, cifar.classes, cifar.full_scale, cifar.signed) == ("cifar10", 10, 255, False)
    assert cifar.train_images.shape == (100, 3, 32, 32)
    assert cifar.input_shape == (3, 32, 32)
    second = written["data_batch_2.bin"]
    # Red, green and blue of the pixel in row 3, column 5 of the fifth image of the second file.
    by_hand = [second[4, 1 + channel * 1024 + 3 * 32 + 5] for channel in range(3)]
    assert cifar.train_images[24, :, 3, 5].tolist() == by_hand
    assert cifar.train_labels[24] == second[4, 0]
    np.testing.assert_array_equal(cifar.test_images.reshape(20, -1), written["test_batch.bin"][:, 1:])
    assert cifar.split == "subset: 100 training and 20 test images, not the official split of 50,000 and 10,000"


def test_records_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data_batch_1.bin"
    for content, expected in (
        (b"", "got 0 bytes; expected a multiple of 3,073"),
        (records(2, 0).tobytes()[:-1], "got 6,145 bytes"),
        (b"\x0a" + records(1, 0).tobytes()[1:], "got label 10 at position 0; expected 0 to 9"),
    ):
        path.write_bytes(content)
        with pytest.raises(DatasetInvalid, match=expected):
            read_records(path)
    with pytest.raises(DatasetInvalid, match="got No such file"):
        read_records(tmp_path / "none")


def test_some_of_the_files_are_a_fault_that_names_the_others(tmp_path: Path) -> None:
    write_records(tmp_path / "cifar10")
    (tmp_path / "cifar10" / "data_batch_3.bin").unlink()
    with pytest.raises(DatasetInvalid, match=r"got 5 of the 6 files of cifar10; missing: data_batch_3.bin"):
        load("cifar10", data_dir=tmp_path)


def test_jpegs_say_that_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "cifar10-jpeg"
    train, test = smooth(30, 0), smooth(10, 1)
    write_jpegs(folder, "train", *train)
    write_jpegs(folder, "test", *test)
    cifar = load("cifar10", data_dir=tmp_path)
    assert cifar.split.endswith("not the official split of 50,000 and 10,000, re-encoded as JPEG")
    assert cifar.origin == "MHO_DATA_DIR, cifar10-jpeg"
    np.testing.assert_array_equal(cifar.train_labels, train[1])
    # Channels come first, and no pixel is far from what was encoded.
    assert np.abs(cifar.test_images.transpose(0, 2, 3, 1).astype(int) - test[0]).max() <= 8


def test_jpegs_that_are_none_are_refused(tmp_path: Path) -> None:
    images, labels = smooth(6, 0)
    for name, pictures, changed, expected in (
        ("size", images[:, :16], {}, "image 0: got 16 x 32 pixels; expected 32 x 32"),
        ("label", images, {"labels": labels + 9}, "got label 10 at position 1"),
        ("offsets", images, {"offsets": np.array([0, 5, 4, 9, 10, 11, 12])}, "do not increase"),
        ("many", images, {"labels": labels[:3]}, r"expected \(n \+ 1,\), \(n,\)"),
        ("short", images, {"offsets": np.arange(7) * 1_000_000}, "expected the 6,000,000 of its index"),
    ):
        folder = tmp_path / name
        write_jpegs(folder, "test", pictures, labels)
        path = folder / "test.index.npz"
        with np.load(path) as index:
            written = dict(index)
        np.savez(path, **(written | changed))
        with pytest.raises(DatasetInvalid, match=expected):
            read_jpegs(folder, "test", (3, 32, 32), 10)
    (tmp_path / "size" / "test.jpegs.xz").write_bytes(b"no xz")
    with pytest.raises(DatasetInvalid, match="expected a whole file in xz"):
        read_jpegs(tmp_path / "size", "test", (3, 32, 32), 10)


@pytest.mark.mnist
def test_the_real_images_are_those_of_another_decoder(data_dir: Path) -> None:
    folder = data_dir / "cifar10-jpeg"
    if not folder.is_dir():
        pytest.skip("MHO_DATA_DIR has no folder cifar10-jpeg/; docs/howto/datasets.md says what it holds")
    images, labels = read_jpegs(folder, "test", (3, 32, 32), 10, most=100)
    packed, index = lzma.decompress((folder / "test.jpegs.xz").read_bytes()), np.load(folder / "test.index.npz")
    offsets = index["offsets"]
    for i in range(100):
        image = np.asarray(Image.open(io.BytesIO(packed[offsets[i] : offsets[i + 1]])).convert("RGB"))
        np.testing.assert_array_equal(images[i], image.transpose(2, 0, 1))
    np.testing.assert_array_equal(labels, index["labels"][:100])
    for part, each in (("train", 5000), ("test", 1000)):
        assert np.bincount(np.load(folder / f"{part}.index.npz")["labels"]).tolist() == [each] * 10


def test_the_official_images_come_before_those_that_were_re_encoded(tmp_path: Path) -> None:
    write_records(tmp_path / "cifar10")
    write_jpegs(tmp_path / "cifar10-jpeg", "train", *smooth(20, 0))
    write_jpegs(tmp_path / "cifar10-jpeg", "test", *smooth(20, 0))
    cifar: Dataset = load("cifar10", data_dir=tmp_path)
    assert cifar.origin == "MHO_DATA_DIR"
