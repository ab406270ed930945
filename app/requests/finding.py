"""Finds what a path names: the job, or the files of a job that has succeeded."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.files.stored_file import StoredFile, lost_by_name
from app.problems.problem import Problem, shown
from worker.contract import Artifact, BlobStore, Job, JobNotFound, JobState, JobStore

NAMED = 30
"""Artifacts that are listed where a name is none of them: a job may have a netlist for each of a thousand tiles."""


def find_job(jobs: JobStore, job_id: str) -> Job:
    """The job of this id.

    Raises:
        JobNotFound: there is none, or the text is not a job id at all and never reaches the database.
    """
    try:
        canonical = str(uuid.UUID(job_id))
    except ValueError:
        canonical = ""
    if canonical != job_id:
        raise JobNotFound(f"no job has the id {shown(job_id)}; GET /v1/jobs lists the jobs")
    return jobs.get(job_id)


def find_artifacts(jobs: JobStore, job_id: str) -> tuple[Job, tuple[Artifact, ...]]:
    """A job that has succeeded, and its manifest.

    Raises:
        JobNotFound: there is no such job.
        Problem: JOB_NOT_SUCCEEDED, with the state that it is in.
    """
    job = find_job(jobs, job_id)
    if job.state is not JobState.SUCCEEDED:
        raise Problem(
            "JOB_NOT_SUCCEEDED",
            f"The job is {job.state.value}; only a job that has succeeded has artifacts.",
            state=job.state.value,
        )
    return job, jobs.artifacts(job_id)


def find_artifact(jobs: JobStore, job_id: str, name: str) -> tuple[Job, Artifact]:
    """A job that has succeeded, and a line of its manifest. The name is only compared, never joined into a path.

    Raises:
        JobNotFound: there is no such job.
        Problem: JOB_NOT_SUCCEEDED; ARTIFACT_NOT_FOUND.
    """
    job, artifacts = find_artifacts(jobs, job_id)
    for artifact in artifacts:
        if artifact.name == name:
            return job, artifact
    names = sorted(artifact.name for artifact in artifacts)
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    raise Problem("ARTIFACT_NOT_FOUND", f"got {shown(name)}; this job has: {', '.join(names[:NAMED])}{more}.")


def made_at(job: Job) -> datetime:
    """Return the moment since when the files of a job that has succeeded no longer change."""
    return job.finished_at or job.created_at


def find_file(blobs: BlobStore, artifact: Artifact) -> StoredFile:
    """The file of an artifact, whose bytes have just been found to be those of the manifest.

    Raises:
        Problem: ARTIFACT_LOST, it is missing or damaged.
        BlobStoreUnavailable: the artifact store does not answer.
    """
    file = StoredFile(blobs, artifact)
    with lost_by_name(artifact):
        file.require_intact()
    return file
