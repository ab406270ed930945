"""A file of the user's own: what it holds, and its arrays."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from hwcore.spec import dataset_warnings
from hwcore.uploads.description import Description
from hwcore.uploads.idx import idx_layout
from hwcore.uploads.images import Scale, image_pieces, image_scale, image_shape
from hwcore.uploads.labels import label_pieces, require_labels_of
from hwcore.uploads.layout import Labelled, Layout
from hwcore.uploads.limits import FEWEST_CLASSES, FEWEST_TRAINING_IMAGES, Limits
from hwcore.uploads.members import Members
from hwcore.uploads.npz import is_npz, npz_layout, short_number
from hwcore.uploads.refusal import refusal
from hwcore.uploads.split import count_to_test, mask_to_test

Counts = Int64[np.ndarray, " classes"]


@dataclass(frozen=True, eq=False)
class OwnData:
    """The arrays of a file, and what they hold."""

    train_images: UInt8[np.ndarray, "train height width"]
    train_labels: Int64[np.ndarray, " train"]
    test_images: UInt8[np.ndarray, "test height width"]
    test_labels: Int64[np.ndarray, " test"]
    description: Description


@dataclass(frozen=True)
class _Checked:
    """A layout whose headers are all in order."""

    layout: Layout
    shape: tuple[int, int]
    scale: Scale

    @property
    def parts(self) -> tuple[Labelled, ...]:
        return (self.layout.train,) if self.layout.test is None else (self.layout.train, self.layout.test)


def describe(path: Path, limits: Limits | None = None) -> Description:
    """Check every byte of a file, in memory that does not grow with it.

    Args:
        path: an npz file, or a zip of IDX files; the bytes decide, not the name.
        limits: the most that is accepted.

    Returns:
        What is in it.

    Raises:
        UploadInvalid: the first thing that is wrong, with the member, what came and what is allowed.
        OSError: the file cannot be read at all.
    """
    limits = limits or Limits()
    with _checked(path, limits) as checked:
        counts = [_counts(part, limits) for part in checked.parts]
        largest = 0
        for part in checked.parts:
            for piece in image_pieces(part.images, checked.scale, checked.shape):
                largest = max(largest, int(piece.max()))
        return _described(checked, counts, largest)


def read(path: Path, limits: Limits | None = None) -> OwnData:
    """The arrays of a file, checked as by `describe`; takes a byte a pixel.

    Args, Raises:
        as `describe`.
    """
    limits = limits or Limits()
    with _checked(path, limits) as checked:
        counts = [_counts(part, limits) for part in checked.parts]
        arrays = [(_images(part, checked), _labels(part, limits)) for part in checked.parts]
        largest = max(int(images.max()) for images, _ in arrays)
        description = _described(checked, counts, largest)
    if checked.layout.test is None:
        ((images, labels),) = arrays
        test = mask_to_test(labels)
        return OwnData(images[~test], labels[~test], images[test], labels[test], description)
    return OwnData(*arrays[0], *arrays[1], description)


@contextmanager
def _checked(path: Path, limits: Limits) -> Iterator[_Checked]:
    """Open a file and check its headers; nothing of its values has been read."""
    with Members(path, limits) as members:
        layout = npz_layout(members) if is_npz(members) else idx_layout(members, limits)
        checked = _Checked(
            layout, image_shape(layout.train.images, limits), image_scale(layout.train.images, layout.full_scale)
        )
        for part in checked.parts:
            shape = image_shape(part.images, limits)
            if shape != checked.shape:
                got = f"images of {shape[0]} x {shape[1]}"
                raise refusal(part.images.name, got, f"{checked.shape[0]} x {checked.shape[1]}, as to train on")
            if part.images.dtype != layout.train.images.dtype:
                raise refusal(
                    part.images.name, part.images.dtype.name, f"{layout.train.images.dtype.name}, as to train on"
                )
            require_labels_of(part.labels, part.images)
        size = sum(source.nbytes for part in checked.parts for source in (part.images, part.labels))
        if size > limits.unpacked_bytes:
            raise refusal("", f"arrays of {short_number(size)} bytes", f"at most {limits.unpacked_bytes:,} bytes")
        yield checked


def _counts(part: Labelled, limits: Limits) -> Counts:
    counts = np.zeros(limits.classes, dtype=np.int64)
    for piece in label_pieces(part.labels, limits):
        counts += np.bincount(piece, minlength=limits.classes)
    return counts


def _images(part: Labelled, checked: _Checked) -> UInt8[np.ndarray, "n height width"]:
    images = np.empty((part.images.shape[0], *checked.shape), dtype=np.uint8)
    first = 0
    for piece in image_pieces(part.images, checked.scale, checked.shape):
        images[first : first + len(piece)] = piece
        first += len(piece)
    return images


def _labels(part: Labelled, limits: Limits) -> Int64[np.ndarray, " n"]:
    return np.concatenate(list(label_pieces(part.labels, limits)))


def _described(checked: _Checked, counts: list[Counts], largest: int) -> Description:
    labels = checked.layout.train.labels.name
    classes = max(int(np.flatnonzero(each).max()) for each in counts) + 1
    if classes < FEWEST_CLASSES:
        raise refusal(labels, "0 as the only label", f"at least {FEWEST_CLASSES} classes, labels from 0")
    if checked.layout.test is None:
        test = np.array([count_to_test(int(count)) for count in counts[0][:classes]])
        train = counts[0][:classes] - test
    else:
        train, test = (each[:classes] for each in counts)
    if train.sum() < FEWEST_TRAINING_IMAGES:
        got = f"{train.sum()} images to train on"
        raise refusal(labels, got, f"at least {FEWEST_TRAINING_IMAGES}, of which a tenth is held out")
    if not test.sum():
        raise refusal(labels, "no class of which a fifth is an image to test on", "3 images of some class, or x_test")
    return Description(
        format=checked.layout.format,
        height=checked.shape[0],
        width=checked.shape[1],
        classes=classes,
        training_images=int(train.sum()),
        test_images=int(test.sum()),
        split="seeded" if checked.layout.test is None else "given",
        full_scale=checked.scale.full,
        largest=largest,
        full_scale_byte=checked.scale.full_scale,
        training_per_class=tuple(train.tolist()),
        test_per_class=tuple(test.tolist()),
        warnings=dataset_warnings(
            train.tolist(),
            test.tolist(),
            largest=largest,
            full_scale_byte=checked.scale.full_scale,
            full_scale=checked.scale.full,
        ),
    )
