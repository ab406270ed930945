"""A job of any kind as its document says it: what is asked of a job by all that take, show, queue and run jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from hwcore.spec.derive.work import Work
from hwcore.spec.hardware.hardware import Hardware
from hwcore.spec.jobs.job_warnings import JobWarning
from hwcore.spec.jobs.own_data import AnyDataset, FileDataset, OwnDataset, UploadedDataset


@dataclass(frozen=True)
class Source:
    """An upload in a service's store that a job reads; it has to stay there until the job has finished.

    Attributes:
        kind: of the upload.
        id: that the service gave it.
    """

    kind: Literal["dataset"]
    id: str


@runtime_checkable
class JobDocument(Protocol):
    """The members of every kind of job. A kind is a frozen pydantic model with a `kind` of its own in `JOB_KINDS`."""

    @property
    def kind(self) -> str:
        """The word that the document names the kind by."""

    @property
    def name(self) -> str:
        """The name that people gave the job, or empty; it changes nothing."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Free text by name; it changes nothing."""

    @property
    def seed(self) -> int:
        """Seed of every random number."""

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages with checkpoints, in the order in which they run."""

    @property
    def described_hardware(self) -> Hardware:
        """The chip, also where the document only names a preset."""

    def datasets(self) -> tuple[AnyDataset, ...]:
        """Datasets that the job reads, by the key `dataset` of its document; none or one."""

    def sources(self) -> tuple[Source, ...]:
        """Uploads that the job reads."""

    def work(self) -> Work:
        """Counts of all that a resolved job has to compute."""

    def warnings(self) -> tuple[JobWarning, ...]:
        """Warnings of all that works and is probably not meant, without a look at the data."""

    def resolved(self) -> JobDocument:
        """The same job with every choice made; resolving twice changes nothing."""

    def written_out(self) -> dict[str, Any]:
        """The resolved job with every field, JSON-ready; where null means a value, the value."""

    def model_dump(self, *, mode: Literal["json", "python"] = "python") -> dict[str, Any]:
        """The document; "json": JSON-ready."""


def own_dataset(job: JobDocument) -> OwnDataset | None:
    """The user's own dataset that a job reads; None where it reads none, or one that mho has."""
    return next((dataset for dataset in job.datasets() if isinstance(dataset, UploadedDataset | FileDataset)), None)


def sources_of(*datasets: AnyDataset) -> tuple[Source, ...]:
    """Pick the datasets that lie in a service's store."""
    return tuple(Source("dataset", each.id) for each in datasets if isinstance(each, UploadedDataset))
