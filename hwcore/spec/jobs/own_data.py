"""Data of the user's own as a job names it: uploaded to the service, or a file of the command line."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from hwcore.spec.jobs.datasets import DATASETS, DatasetFacts, DatasetName
from hwcore.spec.reading.base import Alternative, Spec, unsaid

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", min_length=64, max_length=64)]
DatasetId = Annotated[str, StringConstraints(min_length=36, max_length=36)]

_CONTENTS = "What is in it. null: it is looked up before the job is taken; what is given has to agree with that."


class Contents(Spec):
    """What a job has to know of a file: which one it is, and the shape of its task."""

    sha256: Sha256 = Field(description="SHA-256 of the file's bytes, in lower case.")
    height: int = Field(ge=1, le=65_536, description="Pixels of an image from top to bottom; a vector has 1.")
    width: int = Field(ge=1, le=65_536, description="Pixels of an image from left to right.")
    classes: int = Field(ge=2, le=1000, description="Number of labels.")


class UploadedDataset(Alternative):
    """A dataset that was posted to the service."""

    type: Literal["uploaded"] = Field(default="uploaded", description="Data that were posted to /v1/datasets.")
    id: DatasetId = Field(description="The id that the service gave it.")
    contents: Contents | None = Field(default=None, exclude_if=unsaid, description=_CONTENTS)


class FileDataset(Alternative):
    """A file on this machine: for the command line alone, which no server reads."""

    type: Literal["file"] = Field(default="file", description="A file beside the job, for mho compile alone.")
    path: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="Where it is, from the folder of the job's own file."
    )
    contents: Contents | None = Field(default=None, exclude_if=unsaid, description=_CONTENTS)


def _kind(value: Any) -> str | None:
    """Return the alternative that a document means: an object by its type, everything else as a name."""
    if isinstance(value, Mapping):
        tag = value.get("type")
    elif isinstance(value, UploadedDataset | FileDataset):
        tag = value.type
    else:
        return "word"
    return tag if tag in ("uploaded", "file", None) else ""


OwnDataset = UploadedDataset | FileDataset
ChosenDataset = Annotated[
    Annotated[UploadedDataset, Tag("uploaded")]
    | Annotated[FileDataset, Tag("file")]
    | Annotated[DatasetName, Tag("word")],
    Discriminator(_kind),
]


def dataset_facts(dataset: OwnDataset | str) -> DatasetFacts | None:
    """The shape of a dataset's task; None where it is one's own and nobody has looked into it yet.

    Args:
        dataset: the name of one that mho has, or the user's own.
    """
    if isinstance(dataset, str):
        return DATASETS[dataset]
    contents = dataset.contents
    if contents is None:
        return None
    shape = (1, contents.height, contents.width)
    return DatasetFacts(dataset_title(dataset), shape, contents.classes, "Data of the user's own.")


def dataset_title(dataset: OwnDataset | str) -> str:
    """A dataset's name for people: the same for the same bytes, wherever they came from."""
    if isinstance(dataset, str):
        return dataset
    return "own data" if dataset.contents is None else f"own data {dataset.contents.sha256[:12]}"
