"""Contents of a user's dataset: taken from what was found in its file, and written into the document that names it."""

from collections.abc import Mapping
from typing import Any

from hwcore.errors import InvalidInput
from hwcore.spec.jobs.own_data import Contents, OwnDataset
from hwcore.spec.reading.document import fault
from hwcore.spec.reading.wording import shortened


def contents_of(sha256: str, description: Mapping[str, Any]) -> Contents:
    """Return the contents of a user's dataset as a job states them.

    Args:
        sha256: of its bytes.
        description: what was found in them, by the names of `hwcore.uploads.Description`; one of an earlier version has
            fewer of them.
    """
    return Contents(sha256=sha256, **{name: description[name] for name in Contents.model_fields if name in description})


def with_contents(document: Mapping[str, Any], dataset: OwnDataset, contents: Contents) -> dict[str, Any]:
    """The same document, with what was found in its dataset.

    Args:
        document: a job, or what is to be resolved.
        dataset: as it was parsed from there.
        contents: what was found.

    Returns:
        A new document; parse it again, because now the network can be held against the data.

    Raises:
        InvalidInput: the document says something else of its data, with every field that differs.
    """
    found = contents.model_dump(mode="json")
    said = found if dataset.contents is None else dataset.contents.model_dump(mode="json")
    faults = [
        fault(f"/dataset/contents/{key}", shortened(said.get(key)), shortened(found.get(key)), "the data are others")
        for key in Contents.model_fields
        if said.get(key) != found.get(key)
    ]
    if faults:
        raise InvalidInput(faults)
    return {**document, "dataset": {**dataset.model_dump(mode="json"), "contents": found}}
