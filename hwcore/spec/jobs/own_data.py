"""Data as a job names them: those that mho has, uploaded ones, or a file of the command line."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from hwcore.spec.jobs.datasets import DATASETS, DatasetFacts, DatasetName
from hwcore.spec.reading.base import Alternative, Contradiction, Spec, refuse, unsaid

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", min_length=64, max_length=64)]
DatasetId = Annotated[str, StringConstraints(min_length=36, max_length=36)]

_NORMALIZATION = (
    "per_channel: the DAC is given (x - mean) / std of every channel, of both signs, over the largest of the training "
    "images; mean and std are theirs. null: the values as they are."
)
FEWEST_CLASSES = 2
_CLASSES = "a whole number from 2 to 1000"
_CONTENTS = "What is in it. null: it is looked up before the job is taken; what is given has to agree with that."


class Contents(Spec):
    """What a job has to know of a file: which one it is, and the shape of its task."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {
                    "if": {"required": ["targets"], "properties": {"targets": {"const": "numbers"}}},
                    "else": {"properties": {"classes": {"minimum": FEWEST_CLASSES}}},
                },
                {
                    "if": {"required": ["series"], "properties": {"series": {"const": True}}},
                    "then": {"properties": {"height": {"const": 1}}},
                },
            ]
        }
    )

    sha256: Sha256 = Field(description="SHA-256 of the file's bytes, in lower case.")
    height: int = Field(
        ge=1, le=65_536, description="Pixels of an image from top to bottom; a vector has 1, and so has a series."
    )
    width: int = Field(ge=1, le=65_536, description="Pixels of an image from left to right; steps of time of a series.")
    classes: int = Field(
        ge=1,
        le=1000,
        description="Number of labels, 2 at least; where targets are numbers, how many an example has, 1 at least.",
    )
    channels: int | None = Field(
        default=None, exclude_if=unsaid, ge=1, le=65_536, description="Channels of an image or a series. null: one."
    )
    series: bool | None = Field(
        default=None,
        exclude_if=unsaid,
        description="true: an example is a series of so many channels and steps of time. null: an image, as false.",
    )
    signed: bool | None = Field(
        default=None, exclude_if=unsaid, description="true: values have both signs. null: they go from 0, as false."
    )
    targets: Literal["numbers"] | None = Field(
        default=None,
        exclude_if=unsaid,
        description="numbers: a network is to find the numbers of an example. null: it is to find its class.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Contents":
        found = []
        if self.classes < FEWEST_CLASSES and self.targets is None:
            found.append(Contradiction(("classes",), self.classes, "there is nothing to tell apart", _CLASSES))
        if self.series and self.height != 1:
            found.append(Contradiction(("height",), self.height, "a series has channels and one row each", "1"))
        refuse(self, found)
        return self

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example: (channels, height, width), or (channels, steps of time)."""
        channels = self.channels or 1
        return (channels, self.width) if self.series else (channels, self.height, self.width)


class NamedDataset(Alternative):
    """A dataset that mho has, where more is to be said than its name."""

    type: Literal["named"] = Field(default="named", description="A dataset that mho has.")
    name: DatasetName = Field(description="Its name.")
    normalization: Literal["per_channel"] | None = Field(default=None, exclude_if=unsaid, description=_NORMALIZATION)


class UploadedDataset(Alternative):
    """A dataset that was posted to the service."""

    type: Literal["uploaded"] = Field(default="uploaded", description="Data that were posted to /v1/datasets.")
    id: DatasetId = Field(description="The id that the service gave it.")
    contents: Contents | None = Field(default=None, exclude_if=unsaid, description=_CONTENTS)
    normalization: Literal["per_channel"] | None = Field(default=None, exclude_if=unsaid, description=_NORMALIZATION)


class FileDataset(Alternative):
    """A file on this machine: for the command line alone, which no server reads."""

    type: Literal["file"] = Field(default="file", description="A file beside the job, for mho compile alone.")
    path: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="Where it is, from the folder of the job's own file."
    )
    contents: Contents | None = Field(default=None, exclude_if=unsaid, description=_CONTENTS)
    normalization: Literal["per_channel"] | None = Field(default=None, exclude_if=unsaid, description=_NORMALIZATION)


def _kind(value: Any) -> str | None:
    """Return the alternative that a document means: an object by its type, everything else as a name."""
    if isinstance(value, Mapping):
        tag = value.get("type")
    elif isinstance(value, UploadedDataset | FileDataset | NamedDataset):
        tag = value.type
    else:
        return "word"
    return tag if tag in ("uploaded", "file", "named", None) else ""


OwnDataset = UploadedDataset | FileDataset
AnyDataset = OwnDataset | NamedDataset | str
"""A dataset as a job chooses it; text is the name of one that mho has."""
ChosenDataset = Annotated[
    Annotated[UploadedDataset, Tag("uploaded")]
    | Annotated[FileDataset, Tag("file")]
    | Annotated[NamedDataset, Tag("named")]
    | Annotated[DatasetName, Tag("word")],
    Discriminator(_kind),
]


def dataset_facts(dataset: AnyDataset) -> DatasetFacts | None:
    """The shape of a dataset's task; None where it is one's own and nobody has looked into it yet.

    Args:
        dataset: the name of one that mho has, or the user's own.
    """
    if isinstance(dataset, str):
        return DATASETS[dataset]
    if isinstance(dataset, NamedDataset):
        return replace(DATASETS[dataset.name], signed=DATASETS[dataset.name].signed or normalized(dataset))
    contents = dataset.contents
    if contents is None:
        return None
    return DatasetFacts(
        dataset_title(dataset),
        contents.input_shape,
        contents.classes,
        "Data of the user's own.",
        bool(contents.signed) or normalized(dataset),
        contents.targets or "classes",
    )


def normalized(dataset: AnyDataset) -> bool:
    """Tell whether the channels of a dataset are normalised before the DAC."""
    return not isinstance(dataset, str) and dataset.normalization is not None


def dataset_name(dataset: AnyDataset) -> str:
    """Name of a dataset that mho has; empty where it is one's own."""
    if isinstance(dataset, str):
        return dataset
    return dataset.name if isinstance(dataset, NamedDataset) else ""


def dataset_title(dataset: AnyDataset) -> str:
    """A dataset's name for people: the same for the same bytes, wherever they came from."""
    if isinstance(dataset, str | NamedDataset):
        return dataset_name(dataset)
    return "own data" if dataset.contents is None else f"own data {dataset.contents.sha256[:12]}"
