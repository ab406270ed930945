"""Entries of the manifest of a finished job."""

from __future__ import annotations

from worker.contract import Artifact, JobStore


def artifact_in_manifest(jobs: JobStore, job_id: str, name: str) -> Artifact:
    """Find the entry of a file that the job has."""
    (found,) = (artifact for artifact in jobs.artifacts(job_id) if artifact.name == name)
    return found


def digest_in_manifest(jobs: JobStore, job_id: str, name: str) -> str:
    """Find the SHA-256 of a file that the job has."""
    return artifact_in_manifest(jobs, job_id, name).sha256
