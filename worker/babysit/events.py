"""Events of the process that trains or helps, one JSON object a line (see `worker.babysit.protocol`).

A new kind of event is one frozen dataclass, one line of `Event`, and a handler where it is wanted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar, get_args

from pydantic import AfterValidator, Discriminator, Field, NonNegativeInt, Tag, TypeAdapter, ValidationError

from hwcore.progress import Progress
from worker.babysit.protocol import checkpoint_name
from worker.contract.blobs.blob import SHA256


def _possible(progress: Progress) -> Progress:
    if not (0 <= progress.fraction <= 1 and 0 <= (progress.seconds_left or 0) < math.inf):
        raise ValueError(f"got {progress}; allowed: a fraction from 0 to 1 and a time that is not negative")
    return progress


Stage = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""Name of a stage of the job that is trained. It becomes part of the name of a file."""
TaskName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_+.-]{0,149}$")]
"""Name of a task as `hwcore.pipeline` gives it. It is never parsed, but it becomes the name of a file."""
Digest = Annotated[str, Field(pattern=f"^{SHA256.pattern}$")]
Answer = tuple[NonNegativeInt, ...]
"""Test images that were classified right, for every look at the chip of a task."""


@dataclass(frozen=True)
class CheckpointNote:
    """A checkpoint was taken; its file is in the folder of checkpoints.

    Attributes:
        stage: that is trained.
        epoch: epochs done in it.
        reached: place of the stage in the order of the job's own stages, then the epoch: checkpoints of one job are
            compared by it.
    """

    stage: Stage
    epoch: NonNegativeInt
    reached: tuple[NonNegativeInt, ...]

    @property
    def name(self) -> str:
        """Name of its file."""
        return checkpoint_name(self.stage, self.epoch)


@dataclass(frozen=True)
class OfferNote:
    """Tasks are offered; the bundle for them is in the folder of offers, under `protocol.BUNDLE_NAME`.

    Attributes:
        tasks: names, in the order in which the process comes to them itself.
    """

    tasks: tuple[TaskName, ...]


@dataclass(frozen=True)
class ResultNote:
    """A task of a share is done.

    Attributes:
        task: its name.
        correct: its answer.
    """

    task: TaskName
    correct: Answer


@dataclass(frozen=True)
class JudgedNote:
    """A chip of the process's own job is judged.

    Attributes:
        bundle: SHA-256 of the bundle that was written to the chip.
        task: name of the task.
        correct: its answer.
    """

    bundle: Digest
    task: TaskName
    correct: Answer


@dataclass(frozen=True)
class SucceededNote:
    """Outcome: all is done.

    Attributes:
        result: of a training as `result_of` its report; of a share, nothing in it.
    """

    exit_status: ClassVar[int] = 0
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Reason:
    """Cause of a failure.

    Attributes:
        reason: one of `failure_reasons.FAILURE_REASONS`.
        detail: in words.
    """

    reason: str
    detail: str


@dataclass(frozen=True)
class FailedNote:
    """Outcome: an error ended it."""

    exit_status: ClassVar[int] = 1
    error: Reason

    @staticmethod
    def of(reason: str, detail: str) -> FailedNote:
        """Build it from its two texts; what is no Unicode in them (a path of other bytes) is written as escapes."""
        return FailedNote(Reason(reason, detail.encode("utf-8", "backslashreplace").decode()))


@dataclass(frozen=True)
class CancelledNote:
    """Outcome: it was asked to end at once."""

    exit_status: ClassVar[int] = 130


@dataclass(frozen=True)
class HandedOverNote:
    """Outcome: it was asked to end where another attempt can go on, and did."""

    exit_status: ClassVar[int] = 75


Outcome = SucceededNote | FailedNote | CancelledNote | HandedOverNote
"""The last event of a process. `exit_status` is that of the process after it; a process that ends otherwise crashed."""


def _name(values: object) -> object:
    return values.get("event") if isinstance(values, dict) else None


Event = Annotated[
    Annotated[Progress, AfterValidator(_possible), Tag("progress")]
    | Annotated[CheckpointNote, Tag("checkpoint")]
    | Annotated[JudgedNote, Tag("judged")]
    | Annotated[OfferNote, Tag("offer")]
    | Annotated[ResultNote, Tag("result")]
    | Annotated[SucceededNote, Tag("succeeded")]
    | Annotated[FailedNote, Tag("failed")]
    | Annotated[CancelledNote, Tag("cancelled")]
    | Annotated[HandedOverNote, Tag("handed_over")],
    Discriminator(_name),
]
"""Every kind of event, each with the name that stands under `event`; the other keys are its fields."""

EVENT_NAMES: Mapping[type, str] = {
    kind: tag.tag for kind, *_, tag in (get_args(each) for each in get_args(get_args(Event)[0]))
}
"""Name of every kind of event."""

_READER: TypeAdapter[Event] = TypeAdapter(Event)


def event_line(event: Event) -> str:
    """Write an event as a line, without its end."""
    return json.dumps({"event": EVENT_NAMES[type(event)], **asdict(event)})


def read_line(line: bytes) -> Event | None:
    """Read the event of a line; None for anything that is none, e.g. what a library printed."""
    try:
        return _READER.validate_json(line, strict=True)
    except ValidationError:
        return None


_RESULT = ("metric", "ladder", "target_accuracy", "target_accuracy_source", "warnings")


def result_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """Pick what is kept of a report with its job: the ladder, the target of its yields, warnings."""
    return {key: report[key] for key in _RESULT if key in report}
