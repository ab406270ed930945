"""What a babysitter and the process that it looks after say to each other: a training, or a share of another one's.

The request comes to the process as one JSON object on its standard input. The process answers with events, one JSON
object per line on its standard output; the last one is its outcome. Standard error is for people.

| event | further keys |
|---|---|
| `progress` | `stage`, `epoch`, `epochs`, `fraction`, `message`, `seconds_left`: as `hwcore.progress.Progress` |
| `checkpoint` | `stage`, `epoch`: a new one lies in the folder of checkpoints, under `checkpoint_name` |
| `judged` | `bundle`, `task`, `correct`: a chip is judged, with this bundle written to it; as `result` |
| `offer` | `tasks`: names; others may do them with the bundle in the folder of offers, under `BUNDLE_NAME` |
| `result` | `task`, `correct`: its name, and what was found; of a process that does a share of another one's tasks |
| `succeeded` | `result`: an object, as of `result_of`; of a share, nothing in it |
| `failed` | `error`: an object with `reason` and `detail` |
| `cancelled` | none |
| `handed_over` | none: it ended after a checkpoint, and the job is to go on from there |

What earlier attempts have found of chips lies in the file `judged` of the request: a JSON object by bundle and task.
What others have found of an offered task lies in the folder of offers, under `result_name`, whole or not at all.

Signals to the process: SIGTERM cancels it at once; SIGINT asks it to finish its epoch, take a checkpoint and end.

Exit status: 0 after `succeeded`, 1 after `failed`, 130 after `cancelled`, 75 after `handed_over`. Any other end is a
crash.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hwcore.progress import STAGES, Progress
from worker.contract.blobs.blob import SHA256

EXIT_SUCCEEDED = 0
EXIT_FAILED = 1
EXIT_CANCELLED = 130
EXIT_HANDED_OVER = 75

BUNDLE_NAME = "bundle.safetensors"
"""Name of the file inside the folder of offers with all that a helper needs."""

TASK_NAME = re.compile(r"[a-z_+]{1,100}\.[0-9]{1,6}")
"""The name of a task, as `hwcore.pipeline` gives it: what has another form is none, and becomes no file."""


@dataclass(frozen=True)
class Request:
    """What the training process is to do.

    Args:
        document: the job's document.
        out: where the artifacts go; the folder must not exist yet.
        device: as `Settings.device`.
        data_dir: as `Settings.data_dir`.
        threads: CPU threads to use.
        checkpoints: folder for the checkpoints; None: none are taken.
        checkpoint_seconds: least time between two of them, s.
        resume_from: an earlier checkpoint to go on from; None: there is none.
        memory_bytes: as `Settings.job_memory_bytes`.
        blobs_url: where uploaded datasets are, as `Settings.artifacts_url`.
        cache_dir: folder for those that have to be fetched.
        judged: file with the chips that were judged before; None: none were.
        offers: folder where chips are offered, and results come in; None: nothing is offered.
        share_chips: as `Settings.share_chips`.
    """

    document: Mapping[str, Any]
    out: Path
    device: str
    data_dir: Path | None
    threads: int
    checkpoints: Path | None = None
    checkpoint_seconds: float = 0.0
    resume_from: Path | None = None
    memory_bytes: int | None = None
    blobs_url: str = ""
    cache_dir: Path | None = None
    judged: Path | None = None
    offers: Path | None = None
    share_chips: int = 0

    def to_json(self) -> bytes:
        """The request as it is sent."""
        return _to_json(self)

    @classmethod
    def from_json(cls, text: bytes) -> Request:
        """The request that was sent."""
        return cls(**_from_json(text))


@dataclass(frozen=True)
class ShareRequest:
    """What a process is to do of another one's tasks.

    Args:
        bundle: SHA-256 of the blob with all that it needs.
        tasks: their names, in the order in which they are to be done.
        data_dir, threads, memory_bytes: as for `Request`.
        blobs_url: where the bundle and uploaded datasets are, as `Settings.artifacts_url`.
        cache_dir: folder for what of that has to be fetched.
    """

    bundle: str
    tasks: Sequence[str]
    data_dir: Path | None
    threads: int
    memory_bytes: int | None
    blobs_url: str
    cache_dir: Path

    def to_json(self) -> bytes:
        """The request as it is sent."""
        return _to_json(self)

    @classmethod
    def from_json(cls, text: bytes) -> ShareRequest:
        """The request that was sent."""
        return cls(**_from_json(text))


_PATHS = ("out", "data_dir", "checkpoints", "resume_from", "cache_dir", "judged", "offers")


def _to_json(request: object) -> bytes:
    values = {name: str(value) if isinstance(value, Path) else value for name, value in vars(request).items()}
    return json.dumps(values).encode()


def _from_json(text: bytes) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(text)
    return {name: Path(value) if name in _PATHS and value is not None else value for name, value in values.items()}


@dataclass(frozen=True)
class CheckpointNote:
    """A checkpoint was taken: the stage that is trained, and the epochs done in it."""

    stage: str
    epoch: int

    @property
    def name(self) -> str:
        """Of the file that holds it."""
        return checkpoint_name(self.stage, self.epoch)


def checkpoint_name(stage: str, epoch: int) -> str:
    """Name of the file of a checkpoint inside the folder of checkpoints."""
    return f"{stage}-{epoch}.safetensors"


@dataclass(frozen=True)
class OfferNote:
    """Tasks are offered, in the order in which the process comes to them itself."""

    tasks: tuple[str, ...]


@dataclass(frozen=True)
class ResultNote:
    """A task of a share is done: its name, and for everything looked at how many test images were right."""

    task: str
    correct: tuple[int, ...]


@dataclass(frozen=True)
class JudgedNote:
    """A chip is judged: the SHA-256 of the bundle that was written to it, and as in a result."""

    bundle: str
    task: str
    correct: tuple[int, ...]


def result_name(task: str) -> str:
    """Name of the file of a result inside the folder of offers: a JSON list."""
    return f"{task}.json"


@dataclass(frozen=True)
class Outcome:
    """The last event: `succeeded` with its result, `failed` with its error, `cancelled` or `handed_over`."""

    event: str
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


_RESULT = ("ladder", "target_accuracy", "target_accuracy_source", "warnings")


def result_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """What of a report is kept with its job: the ladder, the target that its yields are told for, warnings."""
    return {key: report[key] for key in _RESULT if key in report}


def progress_line(progress: Progress) -> str:
    """A step forward as a line."""
    return json.dumps({"event": "progress", **asdict(progress)})


def checkpoint_line(note: CheckpointNote) -> str:
    """A checkpoint as a line."""
    return json.dumps({"event": "checkpoint", **asdict(note)})


def offer_line(note: OfferNote) -> str:
    """An offer as a line."""
    return json.dumps({"event": "offer", **asdict(note)})


def result_line(note: ResultNote) -> str:
    """A result as a line."""
    return json.dumps({"event": "result", **asdict(note)})


def judged_line(note: JudgedNote) -> str:
    """A judged chip as a line."""
    return json.dumps({"event": "judged", **asdict(note)})


def outcome_line(outcome: Outcome) -> str:
    """The outcome as a line."""
    values = {"event": outcome.event, "result": outcome.result, "error": outcome.error}
    return json.dumps({key: value for key, value in values.items() if value is not None})


Event = Progress | CheckpointNote | JudgedNote | OfferNote | ResultNote | Outcome
"""Whatever a line can say."""


def read_line(line: bytes) -> Event | None:
    """What a line says; None for anything that is no event, e.g. what a library printed."""
    try:
        values = json.loads(line)
        match values["event"]:
            case "progress":
                return Progress(
                    stage=str(values["stage"]),
                    epoch=values["epoch"],
                    epochs=values["epochs"],
                    fraction=min(1.0, max(0.0, float(values["fraction"]))),
                    message=str(values["message"]),
                    seconds_left=_seconds(values.get("seconds_left")),
                )
            case "checkpoint":
                if values["stage"] not in STAGES:
                    return None
                return CheckpointNote(values["stage"], int(values["epoch"]))
            case "offer":
                return OfferNote(tuple(_task(name) for name in values["tasks"]))
            case "result":
                return ResultNote(_task(values["task"]), _numbers(values["correct"]))
            case "judged":
                return JudgedNote(_digest(values["bundle"]), _task(values["task"]), _numbers(values["correct"]))
            case "succeeded":
                return Outcome("succeeded", result=values["result"])
            case "failed":
                error = values["error"]
                return Outcome("failed", error={"reason": str(error["reason"]), "detail": str(error["detail"])})
            case "cancelled" | "handed_over":
                return Outcome(values["event"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    return None


def _task(name: Any) -> str:
    """The name, if it is one of a task.

    Raises:
        ValueError, TypeError: it is not.
    """
    if TASK_NAME.fullmatch(name) is None:
        raise ValueError(f"got the task {name[:80]!r}; allowed: {TASK_NAME.pattern}")
    return str(name)


def _digest(text: Any) -> str:
    """The SHA-256, if it is one.

    Raises:
        ValueError, TypeError: it is not.
    """
    if SHA256.fullmatch(text) is None:
        raise ValueError(f"got the SHA-256 {text[:80]!r}; allowed: {SHA256.pattern}")
    return str(text)


def _numbers(values: Any) -> tuple[int, ...]:
    return tuple(int(number) for number in values)


def _seconds(value: Any) -> float | None:
    """A time that is not negative, or None for anything else: it is an estimate, and nothing depends on it."""
    if value is None:
        return None
    seconds = float(value)
    return seconds if 0 <= seconds < math.inf else None
