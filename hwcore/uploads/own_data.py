"""A file of the user's own: what it holds, and its arrays."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, Integer

from hwcore.spec import dataset_warnings
from hwcore.uploads.arrangement import Arrangement, arrangement
from hwcore.uploads.description import Description
from hwcore.uploads.idx import idx_layout
from hwcore.uploads.images import Scale, image_pieces, image_scale
from hwcore.uploads.labels import are_numbers, label_pieces, number_pieces, outputs_of, require_labels_of
from hwcore.uploads.layout import Labelled, Layout
from hwcore.uploads.limits import FEWEST_CLASSES, FEWEST_TRAINING_IMAGES, Limits
from hwcore.uploads.members import Members
from hwcore.uploads.npz import is_npz, npz_layout, short_number
from hwcore.uploads.refusal import refusal
from hwcore.uploads.split import count_to_test, mask_to_test

Counts = Int64[np.ndarray, " _classes"]
Targets = Int64[np.ndarray, " _n"] | Float32[np.ndarray, "_n _outputs"]
"""Classes, or numbers."""


@dataclass(frozen=True, eq=False)
class OwnData:
    """The arrays of a file, and what they hold."""

    train_images: Integer[np.ndarray, "train *shape"]
    train_labels: Targets
    test_images: Integer[np.ndarray, "test *shape"]
    test_labels: Targets
    description: Description


@dataclass(frozen=True)
class _Checked:
    """A layout whose headers are all in order."""

    layout: Layout
    arrangement: Arrangement
    scale: Scale

    @property
    def parts(self) -> tuple[Labelled, ...]:
        return (self.layout.train,) if self.layout.test is None else (self.layout.train, self.layout.test)

    @property
    def numbers(self) -> bool:
        """True where targets are numbers and not classes."""
        return are_numbers(self.layout.train.labels)


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
        counts = [_counts(part, checked, limits) for part in checked.parts]
        largest = 0
        for part in checked.parts:
            for piece in image_pieces(part.images, checked.scale, checked.arrangement):
                largest = max(largest, _largest(piece))
        return _described(checked, counts, largest)


def read(path: Path, limits: Limits | None = None) -> OwnData:
    """The arrays of a file, checked as by `describe`; takes a byte a pixel, or two.

    Args, Raises:
        as `describe`.
    """
    limits = limits or Limits()
    with _checked(path, limits) as checked:
        counts = [_counts(part, checked, limits) for part in checked.parts]
        arrays = [(_images(part, checked), _labels(part, checked, limits)) for part in checked.parts]
        largest = max(_largest(images) for images, _ in arrays)
        description = _described(checked, counts, largest)
    if checked.layout.test is None:
        ((images, labels),) = arrays
        test = mask_to_test(np.zeros(len(labels), dtype=np.int64) if checked.numbers else labels)
        return OwnData(images[~test], labels[~test], images[test], labels[test], description)
    return OwnData(*arrays[0], *arrays[1], description)


@contextmanager
def _checked(path: Path, limits: Limits) -> Iterator[_Checked]:
    """Open a file and check its headers; nothing of its values has been read."""
    with Members(path, limits) as members:
        layout = npz_layout(members) if is_npz(members) else idx_layout(members, limits)
        images = layout.train.images
        checked = _Checked(
            layout,
            arrangement(images, layout.channel_axis, limits),
            image_scale(images, layout.full_scale, layout.signed),
        )
        for part in checked.parts:
            found = arrangement(part.images, layout.channel_axis, limits)
            if found != checked.arrangement:
                allowed = f"{checked.arrangement.text}, as to train on"
                raise refusal(part.images.name, f"images of {found.text}", allowed)
            if part.images.dtype != layout.train.images.dtype:
                raise refusal(
                    part.images.name, part.images.dtype.name, f"{layout.train.images.dtype.name}, as to train on"
                )
            require_labels_of(part.labels, part.images, limits)
            _require_same_targets(part, layout.train)
        size = sum(source.nbytes for part in checked.parts for source in (part.images, part.labels))
        if size > limits.unpacked_bytes:
            raise refusal("", f"arrays of {short_number(size)} bytes", f"at most {limits.unpacked_bytes:,} bytes")
        yield checked


def _require_same_targets(part: Labelled, train: Labelled) -> None:
    """Refuse numbers beside classes, and other numbers of outputs."""
    found, wanted = (
        f"{outputs_of(each.labels)} numbers for each image" if are_numbers(each.labels) else "classes"
        for each in (part, train)
    )
    if found != wanted:
        raise refusal(part.labels.name, found, f"{wanted}, as to train on")


def _largest(piece: Integer[np.ndarray, "..."]) -> int:
    """Size of the largest number; the lowest of int8 has no opposite."""
    return max(int(piece.max()), -int(piece.min()))


def _counts(part: Labelled, checked: _Checked, limits: Limits) -> Counts:
    """Images of each class; the number of all images where targets are numbers."""
    if checked.numbers:
        return np.array([sum(len(piece) for piece in number_pieces(part.labels))], dtype=np.int64)
    counts = np.zeros(limits.classes, dtype=np.int64)
    for piece in label_pieces(part.labels, limits):
        counts += np.bincount(piece, minlength=limits.classes)
    return counts


def _images(part: Labelled, checked: _Checked) -> Integer[np.ndarray, "n *shape"]:
    images = np.empty((part.images.shape[0], *checked.arrangement.shape), dtype=checked.scale.stored)
    first = 0
    for piece in image_pieces(part.images, checked.scale, checked.arrangement):
        images[first : first + len(piece)] = piece
        first += len(piece)
    return images


def _labels(part: Labelled, checked: _Checked, limits: Limits) -> Targets:
    pieces = number_pieces(part.labels) if checked.numbers else label_pieces(part.labels, limits)
    return np.concatenate(list(pieces))


def _described(checked: _Checked, counts: list[Counts], largest: int) -> Description:
    labels = checked.layout.train.labels.name
    classes = max(int(np.flatnonzero(each).max()) for each in counts) + 1
    if not checked.numbers and classes < FEWEST_CLASSES:
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
        height=checked.arrangement.size[0],
        width=checked.arrangement.size[1],
        classes=outputs_of(checked.layout.train.labels) if checked.numbers else classes,
        training_images=int(train.sum()),
        test_images=int(test.sum()),
        split="seeded" if checked.layout.test is None else "given",
        full_scale=checked.scale.full,
        largest=largest,
        full_scale_byte=checked.scale.full_scale,
        training_per_class=() if checked.numbers else tuple(train.tolist()),
        test_per_class=() if checked.numbers else tuple(test.tolist()),
        warnings=dataset_warnings(
            () if checked.numbers else train.tolist(),
            () if checked.numbers else test.tolist(),
            largest=largest,
            full_scale_byte=checked.scale.full_scale,
            full_scale=checked.scale.full,
        ),
        channels=checked.arrangement.channels if checked.arrangement.channels > 1 else None,
        series=checked.arrangement.series or None,
        signed=checked.scale.signed or None,
        targets="numbers" if checked.numbers else None,
    )
