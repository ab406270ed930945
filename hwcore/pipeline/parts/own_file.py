"""A job and the file of the user's own that it is trained on."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hwcore.errors import DatasetInvalid, Fault, InvalidInput
from hwcore.spec import Contents, JobDocument, OwnDataset, contents_of, own_dataset, parse_job, with_contents
from hwcore.uploads import Limits, describe

OWN = 'an object with "type" "file" or "uploaded"'


def with_file(job: JobDocument, path: Path, limits: Limits | None = None) -> JobDocument:
    """Write what is in a file into the dataset of a job.

    Args:
        job: names a user's dataset, of type "file" or "uploaded".
        path: the file; the caller has decided that it may be read.
        limits: the most that is accepted.

    Raises:
        InvalidInput: the job names another dataset, contradicts the file, or has a network that does not fit on it.
        DatasetInvalid: the file is no dataset, or cannot be read.
    """
    dataset = own_dataset(job)
    if dataset is None:
        got = ", ".join(f'"{name}"' for name in job.datasets()) or "nothing"
        raise InvalidInput([Fault("/dataset", f"got {got} beside the file {path.name}; allowed: {OWN}", got, OWN)])
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found = describe(path, limits)
    except OSError as error:
        raise DatasetInvalid(
            f"{path}: got {error.strerror or error}; expected a file that this user can read"
        ) from error
    return parse_job(with_contents(job.model_dump(mode="json"), dataset, contents_of(digest, found.to_json())))


def require_file(dataset: OwnDataset, path: Path | None) -> tuple[Path, Contents]:
    """The file of a user's dataset, and what the job says of it.

    Raises:
        InvalidInput: no file came with the job, or nobody has looked into it.
    """
    if path is None or dataset.contents is None:
        allowed = "the dataset's file beside it, and what is in it (hwcore.pipeline.with_file)"
        message = f"got a job on data of its own alone; allowed: {allowed}"
        raise InvalidInput([Fault("/dataset", message, f'"type" "{dataset.type}"', allowed)])
    return path, dataset.contents
