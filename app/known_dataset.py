"""What the service knows of the data that a document names, written into the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwcore.errors import Fault, InvalidInput
from hwcore.spec import Contents, FileDataset, OwnDataset, UploadedDataset, with_contents
from worker.contract import DatasetNotFound, DatasetStore


def with_known_dataset(
    document: Mapping[str, Any], dataset: OwnDataset | str | None, datasets: DatasetStore
) -> dict[str, Any]:
    """The document with the contents of its uploaded dataset; the same document where it names none.

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
        return dict(document)
    try:
        found = datasets.get(dataset.id)
    except DatasetNotFound as error:
        raise unknown_dataset(dataset.id) from error
    described = found.description
    contents = Contents(
        sha256=found.sha256,
        height=described["height"],
        width=described["width"],
        classes=described["classes"],
    )
    return with_contents(document, dataset, contents)


def unknown_dataset(dataset_id: str) -> InvalidInput:
    """The fault of a document that names a dataset that is not there."""
    allowed = "the id of one that was posted to /v1/datasets; GET /v1/datasets lists them"
    got = ascii(dataset_id)
    return InvalidInput([Fault("/dataset/id", f"no such dataset: got {got}; allowed: {allowed}", got, allowed)])
