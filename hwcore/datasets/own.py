"""Data of the user's own, from a file that a job has described."""

import hashlib
from pathlib import Path

from hwcore.datasets.dataset import Dataset
from hwcore.errors import DatasetInvalid
from hwcore.spec import Contents, contents_of
from hwcore.uploads import ANY_SIZE, Limits, read


def load_own(path: Path, contents: Contents) -> Dataset:
    """Read a file, an npz or a zip of IDX files, and make sure that it is the one that the job means.

    Args:
        path: the file.
        contents: what the job says of it.

    Returns:
        The dataset; its name has the first digits of the file's SHA-256.

    Raises:
        DatasetInvalid: other bytes, another shape or other classes than the job says, or no dataset at all.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != contents.sha256:
            raise DatasetInvalid(
                f"{path.name}: got a file with the SHA-256 {digest}; expected that of the job, {contents.sha256}: take "
                "the file that the job was made with"
            )
        own = read(path, Limits(file_bytes=ANY_SIZE, unpacked_bytes=ANY_SIZE))
    except OSError as error:
        raise DatasetInvalid(
            f"{path.name}: got {error.strerror or error}; expected a file that this user can read"
        ) from error
    found = own.description
    if contents_of(digest, found.to_json()) != contents:
        got, expected = (_in_words(each) for each in (contents_of(digest, found.to_json()), contents))
        raise DatasetInvalid(f"{path.name}: got {got}; expected what the job says of it, {expected}")
    how = "as the file has it" if found.split == "given" else "a fifth of each class to test on"
    return Dataset(
        name=f"own data {digest[:12]}",
        origin=f"own data, {found.format}, SHA-256 {digest}",
        split=f"{found.training_images:,} training and {found.test_images:,} test images, {how}",
        train_images=own.train_images,
        train_labels=own.train_labels,
        test_images=own.test_images,
        test_labels=own.test_labels,
        classes=found.classes,
        full_scale=found.full_scale_byte,
        signed=bool(found.signed),
        series=bool(found.series),
        warnings=found.warnings,
    )


def _in_words(contents: Contents) -> str:
    """Shape, sign and targets of a file."""
    shape = " x ".join(map(str, contents.input_shape))
    targets = "numbers" if contents.targets == "numbers" else "classes"
    return f"{'signed ' * bool(contents.signed)}examples of {shape} and {contents.classes} {targets}"
