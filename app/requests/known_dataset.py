"""Contents of the uploaded dataset that a document names, written into the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwcore.errors import Fault, InvalidInput
from hwcore.spec import AnyDataset, FileDataset, JobDocument, UploadedDataset, contents_of, with_contents
from worker.contract import UploadNotFound, UploadReference, UploadStore


@dataclass(frozen=True)
class Known:
    """A document whose data are known.

    Args:
        document: with the contents of its uploaded dataset; the same document where it names none.
        training_images: of that dataset; None where it names none.
        warnings: of that dataset; none where it names none.
    """

    document: dict[str, Any]
    training_images: int | None = None
    warnings: tuple[str, ...] = ()


def with_known_dataset(document: Mapping[str, Any], dataset: AnyDataset | None, datasets: UploadStore) -> Known:
    """The document with what is known of its uploaded dataset.

    Args:
        document: as it came.
        dataset: as it was parsed from there.
        datasets: those that the caller may see.

    Raises:
        InvalidInput: there is no such dataset, the document says other things of it, or it names a file.
    """
    if isinstance(dataset, FileDataset):
        allowed = 'a dataset by name, or {"type": "uploaded", "id": ...} of one that was posted to /v1/datasets'
        message = f'a server opens no file that a client names: got "file"; allowed: {allowed}'
        raise InvalidInput([Fault("/dataset/type", message, '"file"', allowed)])
    if not isinstance(dataset, UploadedDataset):
        return Known(dict(document))
    try:
        found = datasets.get(dataset.id)
    except UploadNotFound as error:
        raise unknown_dataset(dataset.id) from error
    contents = contents_of(found.sha256, found.description)
    description = found.description
    known = with_contents(document, dataset, contents)
    return Known(known, description["training_images"], tuple(description["warnings"]))


def used_uploads(job: JobDocument) -> tuple[UploadReference, ...]:
    """The uploads that a job needs until it has finished."""
    return tuple(UploadReference(source.kind, source.id) for source in job.sources())


def warnings_of_data(document: Mapping[str, Any], datasets: UploadStore) -> tuple[str, ...]:
    """Return the warnings of the uploaded dataset that a stored job names; none where it names none, or it is gone."""
    dataset = document.get("dataset")
    if not isinstance(dataset, Mapping):
        return ()
    try:
        return tuple(datasets.get(str(dataset.get("id"))).description["warnings"])
    except UploadNotFound:
        return ()


def unknown_dataset(dataset_id: str) -> InvalidInput:
    """The fault of a document that names a dataset that is not there."""
    allowed = "the id of one that was posted to /v1/datasets; GET /v1/datasets lists them"
    got = ascii(dataset_id)
    return InvalidInput([Fault("/dataset/id", f"no such dataset: got {got}; allowed: {allowed}", got, allowed)])
