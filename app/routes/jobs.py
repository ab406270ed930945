"""`/v1/jobs`: post, list, look at and cancel jobs."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.dependencies import AppSettings, Jobs, JsonBody
from app.faults import parameter_detail, parameter_fault
from app.finding import find_job
from app.json_document import json_document
from app.problem import Problem, problem_responses
from app.representation import JobList, JobView, job_path, job_summary, job_view
from hwcore.errors import InvalidInput
from hwcore.spec import parse_job
from worker.contract import FINAL, BrokerUnavailable, JobState, job_size, publish

log = logging.getLogger("mho.app")
router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

RETRY_AFTER = "1"
"""Seconds after which it is worth to look again."""


class ListQuery(BaseModel):
    """The query of a list; unknown parameters are refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")

    state: JobState | None = Field(None, description="only jobs in this state")
    limit: int = Field(50, ge=1, le=200, description="jobs per page, 1 to 200")
    cursor: str | None = Field(None, max_length=500, description="`next_cursor` of the page before")


@router.post(
    "",
    status_code=202,
    summary="Post a job",
    responses=problem_responses(
        "MALFORMED_JSON",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "INVALID_INPUT",
        "QUOTA_EXCEEDED",
        "STORE_UNAVAILABLE",
    ),
)
def post_job(body: JsonBody, response: Response, jobs: Jobs, settings: AppSettings) -> JobView:
    """Check the document, keep it as a queued job and hand it to a worker.

    The answer comes once the job is in the database. A broker that is down costs nothing but time: the job stays
    queued and is handed over when the broker is back.
    """
    document = json_document(body)
    job = parse_job(document)
    job.resolved()
    size = job_size(job, settings.small_job_work)
    row = jobs.create(document, name=job.name, labels=job.labels, size=size)
    try:
        publish(settings, row.id, size)
    except BrokerUnavailable as error:
        log.warning("job %s waits: %s", row.id, error)
    response.headers["Location"] = job_path(row.id)
    response.headers["Retry-After"] = RETRY_AFTER
    return job_view(row)


@router.get("", summary="List jobs", responses=problem_responses("INVALID_PARAMETER", "STORE_UNAVAILABLE"))
def list_jobs(query: Annotated[ListQuery, Query()], jobs: Jobs) -> JobList:
    """Newest first. The posted documents are left out; look at one job for its document."""
    try:
        page = jobs.list(state=query.state, limit=query.limit, cursor=query.cursor)
    except InvalidInput as error:
        faults = [parameter_fault(f.path, f.message, f.got, f.allowed) for f in error.faults]
        raise Problem("INVALID_PARAMETER", parameter_detail(faults), errors=faults) from error
    return JobList(jobs=[job_summary(job) for job in page.jobs], next_cursor=page.next_cursor)


@router.get("/{job_id}", summary="Look at a job", responses=problem_responses("JOB_NOT_FOUND", "STORE_UNAVAILABLE"))
def get_job(job_id: str, response: Response, jobs: Jobs) -> JobView:
    """State, stage, epoch and fraction while it runs; the ladder or the error when it has finished."""
    job = find_job(jobs, job_id)
    if job.state not in FINAL:
        response.headers["Retry-After"] = RETRY_AFTER
    return job_view(job)


@router.post(
    "/{job_id}/cancel",
    status_code=202,
    summary="Cancel a job",
    responses=problem_responses("JOB_NOT_FOUND", "JOB_ALREADY_FINISHED", "STORE_UNAVAILABLE"),
)
def cancel_job(job_id: str, response: Response, jobs: Jobs) -> JobView:
    """A queued job is cancelled at once; a running one when its worker sees the request, within seconds."""
    job = jobs.request_cancel(find_job(jobs, job_id).id)
    response.headers["Location"] = job_path(job.id)
    return job_view(job)
