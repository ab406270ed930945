"""One job and its artifacts, as server and worker see them: plain values, no connection to the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.contract.states import FINAL, JobState


@dataclass(frozen=True)
class Job:
    """One launch of one document.

    Args:
        id: UUIDv7.
        owner: id of the token that it was posted with, empty where there was none.
        name: the user's name for it, may be empty.
        labels: the user's labels.
        kind: the kind of the document, "compile".
        state: where the job is.
        document: the document as it was posted.
        stage: the stage that runs or ran last, one of those of its kind of job; None before the first.
        epoch: epochs done in the stage, None where it has none.
        epochs: epochs of the stage, None where it has none.
        fraction: share of the job that is done, 0 to 1.
        message: one line about the last step.
        seconds_left: how long the running attempt will probably take from here on, s; None where nobody can tell.
        checkpoint: `{"sha256", "size", "stage", "epoch", "reached", "furthest"}` of the blob that the next attempt goes
            on from, or None; `furthest` is the largest `reached` of any attempt.
        attempt: how often the job was started; it fences late writers off and never falls.
        attempts_without_progress: attempts that were lost with nothing new kept, since the last one that kept anything.
        cancel_requested: somebody asked for an end; a running job still needs a moment for it.
        error: `{"reason", "detail"}` of a failed job, else None.
        result: `{"ladder", "target_accuracy", "target_accuracy_source"}` of a succeeded job, as in its
            report, else None.
        created_at: when the job was accepted (UTC, as all times here).
        started_at: when the last attempt started.
        finished_at: when the job reached its final state.
    """

    id: str
    owner: str
    name: str
    labels: Mapping[str, str]
    kind: str
    state: JobState
    document: Mapping[str, Any]
    stage: str | None
    epoch: int | None
    epochs: int | None
    fraction: float
    message: str
    seconds_left: float | None
    checkpoint: Mapping[str, Any] | None
    attempt: int
    attempts_without_progress: int
    cancel_requested: bool
    error: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def finished(self) -> bool:
        """Tell whether the state is final."""
        return self.state in FINAL


@dataclass(frozen=True)
class JobPage:
    """Some jobs, newest first, and where the next page begins (None: this was the last)."""

    jobs: tuple[Job, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Artifact:
    """One line of a job's manifest.

    Args:
        name: path inside the job's folder, with `/`; from the worker, never from a client.
        size: bytes.
        sha256: 64 hexadecimal digits, lower case.
        media_type: for the `Content-Type` of a download.
    """

    name: str
    size: int
    sha256: str
    media_type: str
