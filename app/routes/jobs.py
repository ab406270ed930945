"""`/v1/jobs`: post, list, look at and cancel jobs."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Annotated

from fastapi import Header, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from app.answers.links import Links
from app.answers.representation import JobList, JobView, job_summary, job_view
from app.operations.table import CANCEL_JOB, DELETE_JOB, GET_JOB, LIST_JOBS, POST_JOB
from app.problems.problem import faults_of_parameters, problem_responses
from app.requests.dependencies import AppSettings, Datasets, JobPublisher, Jobs, JsonBody, Linked
from app.requests.finding import find_job
from app.requests.json_document import json_document
from app.requests.known_dataset import unknown_dataset, used_uploads, warnings_of_data, with_known_dataset
from app.requests.rfc3339 import PATTERN, parse_moment
from app.routes.route import Router
from hwcore.spec import own_dataset, parse_job
from worker.contract import (
    FINAL,
    KEY_PATTERN,
    BrokerUnavailable,
    IdempotencyKey,
    Job,
    JobFilter,
    JobState,
    UploadNotFound,
    UploadStore,
    job_size,
)
from worker.contract.process.logs import logged_as

log = logging.getLogger("mho.app")
router = Router(tags=["jobs"])

RETRY_AFTER = "1"
"""Seconds after which a client should ask for the job again."""


Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text that a database can hold."""
Label = Annotated[str, StringConstraints(pattern=r"^[^\x00]+:[^\x00]*$", max_length=1000)]
"""A label as it is asked for."""
Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": PATTERN}),
]
"""A moment with its zone; its text alone is one, and no number."""


class ListQuery(BaseModel):
    """The query of a list; unknown parameters are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")

    state: list[JobState] = Field([], max_length=len(JobState), description="only jobs in one of these states")
    label: list[Label] = Field([], max_length=32, description="only jobs with all of these labels, each `key:value`")
    name: Text | None = Field(None, max_length=200, description="only jobs with exactly this name")
    created_after: Moment | None = Field(None, description="only jobs posted later, RFC 3339 with a zone")
    created_before: Moment | None = Field(None, description="only jobs posted earlier, RFC 3339 with a zone")
    limit: int = Field(50, ge=1, le=200, description="jobs per page, 1 to 200")
    cursor: str | None = Field(
        None,
        max_length=500,
        description="`next_cursor` of the page before",
        json_schema_extra={"pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    )

    def wanted(self) -> JobFilter:
        """The filter that the query describes."""
        return JobFilter(frozenset(self.state), tuple(self.label), self.name, self.created_after, self.created_before)


@router.operation(
    POST_JOB,
    status_code=202,
    response_model=JobView,
    summary="Post a job",
    responses=problem_responses(
        "MALFORMED_JSON",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "INVALID_INPUT",
        "INVALID_PARAMETER",
        "IDEMPOTENCY_KEY_REUSED",
        "QUOTA_EXCEEDED",
        "STORE_UNAVAILABLE",
    ),
)
def post_job(
    body: JsonBody,
    jobs: Jobs,
    datasets: Datasets,
    publisher: JobPublisher,
    settings: AppSettings,
    links: Linked,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=KEY_PATTERN,
            description="1 to 255 visible ASCII characters of the client's choice: a request with the same key and the "
            "same body within 24 hours is answered with the job of the first one",
        ),
    ] = None,
) -> Response:
    """Check the document, keep it as a queued job and hand it to a worker.

    The answer comes once the job is in the database. A broker that is down costs nothing but time: the job stays
    queued and is handed over when the broker is back. With an `Idempotency-Key` a request can be sent again without
    making a second job; the answer to a repetition has `Idempotency-Replayed: true` and the job as it is now.
    """
    key = None if idempotency_key is None else IdempotencyKey(idempotency_key, hashlib.sha256(body).hexdigest())
    # Before the document is checked: what it names may have been removed since the first time.
    before = None if key is None else jobs.made_with(key)
    if before is not None:
        return _posted(_view(before, datasets, links), replayed=True)
    document = json_document(body)
    job = parse_job(document)
    known = with_known_dataset(document, own_dataset(job), datasets)
    if known.document != document:
        document, job = known.document, parse_job(known.document)
    resolved = job.resolved()
    size = job_size(resolved, settings.small_job_work, known.training_images)
    uploads = used_uploads(job)
    try:
        if key is None:
            row, new = jobs.create(document, job.name, job.labels, size, job.kind, uploads), True
        else:
            row, new = jobs.create_once(key, document, job.name, job.labels, size, job.kind, uploads)
    except UploadNotFound as error:
        # It was there a moment ago.
        raise unknown_dataset(error.upload_id) from error
    if new:
        try:
            publisher.publish(row.id, size)
        except BrokerUnavailable as error:
            with logged_as(job_id=row.id):
                log.warning("job %s waits: %s", row.id, error)
    return _posted(job_view(row, links, resolved, known.warnings), replayed=not new)


def _posted(view: JobView, *, replayed: bool) -> Response:
    """Return the answer to a post that made this job, now or with the same key before."""
    headers = {"Location": view.links.self, "Retry-After": RETRY_AFTER}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return _shown(view, 202, headers)


@router.operation(LIST_JOBS, summary="List jobs", responses=problem_responses("INVALID_PARAMETER", "STORE_UNAVAILABLE"))
def list_jobs(query: Annotated[ListQuery, Query()], jobs: Jobs, links: Linked) -> JobList:
    """Newest first. The posted documents are left out; look at one job for its document."""
    with faults_of_parameters():
        page = jobs.list(query.wanted(), limit=query.limit, cursor=query.cursor)
    return JobList(jobs=[job_summary(job, links) for job in page.jobs], next_cursor=page.next_cursor)


@router.operation(
    GET_JOB,
    response_model=JobView,
    summary="Look at a job",
    responses=problem_responses("JOB_NOT_FOUND", "STORE_UNAVAILABLE"),
)
def get_job(job_id: str, jobs: Jobs, datasets: Datasets, links: Linked) -> Response:
    """State, stage, epoch and fraction while it runs; the ladder or the error when it has finished."""
    job = find_job(jobs, job_id)
    return _shown(_view(job, datasets, links), 200, {} if job.state in FINAL else {"Retry-After": RETRY_AFTER})


@router.operation(
    DELETE_JOB,
    status_code=204,
    summary="Remove a job",
    responses=problem_responses("JOB_NOT_FOUND", "JOB_NOT_FINISHED", "STORE_UNAVAILABLE"),
)
def delete_job(job_id: str, jobs: Jobs) -> None:
    """Remove a job that has finished, with its artifacts and events; its files are gone within minutes."""
    jobs.delete(find_job(jobs, job_id).id)


@router.operation(
    CANCEL_JOB,
    status_code=202,
    summary="Cancel a job",
    responses=problem_responses("JOB_NOT_FOUND", "JOB_ALREADY_FINISHED", "STORE_UNAVAILABLE"),
)
def cancel_job(job_id: str, response: Response, jobs: Jobs, datasets: Datasets, links: Linked) -> JobView:
    """A queued job is cancelled at once; a running one when its worker sees the request, within seconds."""
    job = jobs.request_cancel(find_job(jobs, job_id).id)
    response.headers["Location"] = links.job(job.id)
    return _view(job, datasets, links)


def _view(job: Job, datasets: UploadStore, links: Links) -> JobView:
    """One job in full, with what was said of its data."""
    # A report has the warnings of the data as well.
    of_data = () if job.result else warnings_of_data(job.document, datasets)
    return job_view(job, links, of_data=of_data)


def _shown(view: JobView, status: int, headers: dict[str, str]) -> Response:
    """The answer as it goes out: the framework would check the view once more, in another thread."""
    return Response(view.model_dump_json(), status, headers, "application/json")
