"""One run of a job: what the pipeline gives to every kind, and what it takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from hwcore.environment import Environment
from hwcore.pipeline.parts.checkpoint import Keeper
from hwcore.pipeline.parts.data import JobData, load_data
from hwcore.pipeline.parts.offer import Offer
from hwcore.pipeline.parts.output import filling
from hwcore.pipeline.parts.pace import REST, Pace
from hwcore.spec import Course, Examination, JobDocument, JobWarning, data_warnings

WarnCallback = Callable[[Sequence[JobWarning]], None]


@dataclass(frozen=True, eq=False)
class Run:
    """The surroundings of one run, made ready.

    Attributes:
        job: resolved.
        out: the output to be.
        folder: to be filled; it becomes the output in whole, or is gone.
        environment: as it was asked for.
        device: of the training.
        threads: that torch uses.
        pace: told of every step.
        keeper: of the checkpoints.
        offer: where drawn chips are offered to other processes; None: nowhere.
        warn: told of everything that is probably not meant, before the work begins; None: nobody is.
    """

    job: JobDocument
    out: Path
    folder: Path
    environment: Environment
    device: torch.device
    threads: int
    pace: Pace
    keeper: Keeper
    offer: Offer | None = None
    warn: WarnCallback | None = None

    def data(self, purpose: Course | Examination) -> JobData:
        """Load a dataset, a stage of its own.

        Raises:
            DatasetUnavailable, DatasetInvalid, InvalidInput: as for `load_data`.
        """
        with self.pace.stage("data"):
            data = load_data(purpose, self.environment.data_dir, self.device, self.environment.dataset_file)
        self.pace.step(REST, "data", f"{data.dataset.origin}: {data.dataset.split}")
        return data

    @contextmanager
    def export(self) -> Iterator[None]:
        """Time the writing of files, and say of one that cannot be written that the output cannot.

        Raises:
            OutputNotWritable: the disk is full, say.
        """
        with self.pace.stage("export"), filling(self.out):
            yield

    def warnings(self, data: JobData) -> tuple[JobWarning, ...]:
        """Everything that is probably not meant, of the job and of its data; told before it is given back."""
        warnings = (*self.job.warnings(), *data_warnings(data.dataset.warnings))
        if self.warn is not None:
            self.warn(warnings)
        return warnings


@dataclass(frozen=True)
class Finished:
    """A kind's share of the output, with all files but the manifest in the folder of the run.

    Attributes:
        report: as in report.json.
        dataset_origin: of the data in words.
        tasks_from_helpers: chips whose results came from other processes.
        tasks_done_before: chips that an earlier attempt had judged.
    """

    report: dict[str, Any]
    dataset_origin: str
    tasks_from_helpers: int = 0
    tasks_done_before: int = 0
