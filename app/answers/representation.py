"""Jobs and warnings as the service shows them: the JSON of `GET /v1/jobs/{id}` and its shorter form in lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field

from app.answers.links import Links
from hwcore.errors import MhoError
from hwcore.spec import JobDocument, JobWarning, data_warnings, parse_job
from worker.contract import Job, JobState

REMEMBERED, LONGEST_REMEMBERED = 500, 4_000
"""Documents of which the explicit form is remembered, and characters of the longest: a few MB at the most."""


class WarningView(BaseModel):
    """What works and is probably not meant."""

    field: str = Field(description="JSON pointer to the field in the resolved document")
    message: str = Field(description="what came, and why it is probably not meant")


def warning_views(warnings: Iterable[JobWarning]) -> list[WarningView]:
    """Return warnings as they are shown."""
    return [WarningView(field=warning.field, message=warning.message) for warning in warnings]


class JobLinks(BaseModel):
    """Where to go from here."""

    self: str = Field(description="this job")
    cancel: str = Field(description="POST here to cancel it")
    artifacts: str = Field(description="its files, once it has succeeded")
    conductances: str = Field(description="the conductance of every cell, layer by layer, once it has succeeded")


class JobError(BaseModel):
    """Why a job failed."""

    reason: str = Field(description="stable upper-case name, see docs/reference/problems.md")
    detail: str = Field(description="what happened, what is allowed, what to do")


class JobSummary(BaseModel):
    """One job in a list."""

    id: str = Field(description="UUID (version 7: ids sort by time)")
    kind: str = Field(description="what the job does; compile is the only kind so far")
    owner: str = Field(description="id of the token that it was posted with; empty where the service had none")
    name: str = Field(description="the name given when it was posted, or empty")
    labels: dict[str, str] = Field(description="the labels given when it was posted")
    state: JobState = Field(description="queued -> running -> succeeded | failed | cancelled")
    stage: str | None = Field(
        description="data, float, float_reference_1 and further ones where training.reference asks for them, "
        "hardware_aware, mapping, evaluation, export; null before it runs"
    )
    epoch: int | None = Field(description="epochs done in this stage; null where the stage has none")
    epochs: int | None = Field(description="epochs of this stage; null where the stage has none")
    fraction: float = Field(ge=0, le=1, description="share of the whole job that is done, 0 to 1")
    message: str = Field(description="one line for a person")
    seconds_left: float | None = Field(
        description="how long it will probably still run, s; null where that is not known: unless it runs, and in its "
        "first moments"
    )
    attempt: int = Field(ge=0, description="how often the job has been started")
    attempts_without_progress: int = Field(
        ge=0,
        description="attempts that were lost with nothing new kept (no checkpoint, no judged chip) since the last one "
        "that kept anything; at MHO_MAX_ATTEMPTS the job fails",
    )
    cancel_requested: bool = Field(description="a cancel is on its way to the worker")
    created_at: datetime = Field(description="when it was posted, RFC 3339, UTC")
    started_at: datetime | None = Field(description="when the last attempt started")
    finished_at: datetime | None = Field(description="when it reached its final state")
    error: JobError | None = Field(description="why it failed; null unless it did")
    result: dict[str, Any] | None = Field(
        description="of the report: `ladder`, `target_accuracy`, `target_accuracy_source` and `warnings`; null unless "
        "it succeeded"
    )
    links: JobLinks


class JobView(JobSummary):
    """One job in full."""

    job: dict[str, Any] = Field(
        description="the document as it was posted, with the contents of data of your own written into it"
    )
    resolved: dict[str, Any] | None = Field(
        description="the document with preset and defaults written out; null where this version can no longer read it"
    )
    warnings: list[WarningView] = Field(
        description="what works but is probably not meant; those of the report once the job has succeeded"
    )


class JobList(BaseModel):
    """A page of jobs, newest first."""

    jobs: list[JobSummary]
    next_cursor: str | None = Field(description="pass as `cursor` for the next page; null on the last one")


def job_summary(job: Job, links: Links) -> JobSummary:
    """One job for a list."""
    return JobSummary(**_summary_fields(job, links))


def job_view(job: Job, links: Links, resolved: JobDocument | None = None, of_data: Iterable[str] = ()) -> JobView:
    """One job in full.

    Args:
        job: the job.
        links: how paths are written.
        resolved: its document with everything explicit, where the caller has it at hand.
        of_data: what was said of its dataset when that was uploaded.
    """
    explicit = _resolved(job) if resolved is None else _explicit(resolved)
    fields = _summary_fields(job, links)
    warnings = _warnings(job, explicit, of_data)
    return JobView(**fields, job=dict(job.document), resolved=explicit.job, warnings=warnings)


def _summary_fields(job: Job, links: Links) -> dict[str, Any]:
    """The fields that both forms share."""
    path = links.job(job.id)
    return {
        "id": job.id,
        "kind": job.kind,
        "owner": job.owner,
        "name": job.name,
        "labels": dict(job.labels),
        "state": job.state,
        "stage": job.stage,
        "epoch": job.epoch,
        "epochs": job.epochs,
        "fraction": job.fraction,
        "message": job.message,
        "seconds_left": job.seconds_left,
        "attempt": job.attempt,
        "attempts_without_progress": job.attempts_without_progress,
        "cancel_requested": job.cancel_requested,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "error": None if job.error is None else JobError(**job.error),
        "result": job.result,
        "links": JobLinks(
            self=path,
            cancel=f"{path}/cancel",
            artifacts=f"{path}/artifacts",
            conductances=f"{path}/conductances",
        ),
    }


def _warnings(job: Job, explicit: _Explicit, of_data: Iterable[str]) -> list[WarningView]:
    """Return the warnings of the report, which has seen the data; before there is one, of document and upload."""
    reported = (job.result or {}).get("warnings")
    if reported is None:
        return [*explicit.warnings, *warning_views(data_warnings(of_data))]
    return [WarningView(**warning) for warning in reported]


@dataclass(frozen=True)
class _Explicit:
    """A document with everything explicit, or None where a later version of mho refuses it; and what it warns of."""

    job: dict[str, Any] | None = None
    warnings: tuple[WarningView, ...] = ()


def _resolved(job: Job) -> _Explicit:
    # Clients look at one job again and again, and nothing of this ever changes.
    text = json.dumps(job.document)
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _read(job.document)


def _read(document: str | Mapping[str, Any]) -> _Explicit:
    try:
        return _explicit(parse_job(document).resolved())
    except MhoError:
        return _Explicit()


def _explicit(job: JobDocument) -> _Explicit:
    return _Explicit(job.model_dump(mode="json"), tuple(warning_views(job.warnings())))


@lru_cache(maxsize=REMEMBERED)
def _remembered(text: str) -> _Explicit:
    return _read(text)
