"""`/v1/jobs/{id}/artifacts`: the files of a job that has succeeded."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, Field

from app.files.conditions import Validators, precondition, repr_digest, sha256_etag
from app.files.file_response import file_response
from app.files.stored_file import StoredFile
from app.files.zip_sink import zip_chunks
from app.operations.table import GET_ALL_ARTIFACTS, GET_ARTIFACT, LIST_ARTIFACTS
from app.problems.problem import Responses, problem_responses
from app.requests.dependencies import Blobs, Jobs, Linked
from app.requests.finding import find_artifact, find_artifacts, find_file, made_at
from app.routes.route import Router
from hwcore.media_types import BYTES, MEDIA_TYPES

router = Router(tags=["artifacts"])


FILE: dict[str, dict[str, Any]] = {name.partition(";")[0]: {} for name in (*MEDIA_TYPES.values(), BYTES)}
"""Media types of files."""

ANSWERS: Responses = {
    200: {"description": "The file", "content": FILE},
    206: {"description": "The ranges that `Range` asked for", "content": {**FILE, "multipart/byteranges": {}}},
    304: {"description": "`If-None-Match` names the file's ETag, or `If-Modified-Since` no earlier time"},
}
"""Answers to the download of a file when all is well."""
ZIP_ANSWERS: Responses = {
    200: {"description": "The zip", "content": {"application/zip": {}}},
    304: {"description": "`If-None-Match` names the zip's ETag, or `If-Modified-Since` no earlier time"},
}
"""Answers to the download of all files when all is well."""


class ArtifactView(BaseModel):
    """One file of a job."""

    name: str = Field(description="its name, with `/` where it lies in a folder")
    size: int = Field(ge=0, description="bytes")
    sha256: str = Field(description="SHA-256 of the file, 64 hexadecimal digits")
    media_type: str = Field(description="media type")
    href: str = Field(description="GET it here")


class ArtifactList(BaseModel):
    """Every file of a job."""

    artifacts: list[ArtifactView]


@router.operation(
    LIST_ARTIFACTS,
    summary="List the artifacts",
    responses=problem_responses("JOB_NOT_FOUND", "JOB_NOT_SUCCEEDED", "STORE_UNAVAILABLE"),
)
def list_artifacts(job_id: str, jobs: Jobs, links: Linked) -> ArtifactList:
    """Every file with its size, SHA-256 and media type."""
    job, artifacts = find_artifacts(jobs, job_id)
    return ArtifactList(
        artifacts=[
            ArtifactView(
                name=artifact.name,
                size=artifact.size,
                sha256=artifact.sha256,
                media_type=artifact.media_type,
                href=f"{links.job(job.id)}/artifacts/{quote(artifact.name)}",
            )
            for artifact in artifacts
        ]
    )


@router.operation(
    GET_ALL_ARTIFACTS,
    summary="Download all artifacts at once",
    response_class=StreamingResponse,
    responses=ZIP_ANSWERS
    | problem_responses(
        "JOB_NOT_FOUND",
        "JOB_NOT_SUCCEEDED",
        "PRECONDITION_FAILED",
        "ARTIFACT_LOST",
        "ARTIFACTS_UNAVAILABLE",
        "STORE_UNAVAILABLE",
    ),
)
def get_all_artifacts(job_id: str, request: Request, jobs: Jobs, blobs: Blobs) -> Response:
    """Every file in one zip, made while it is sent: without a length, without ranges. The same bytes every time."""
    job, artifacts = find_artifacts(jobs, job_id)
    digest = hashlib.sha256("".join(f"{each.name}\0{each.sha256}\n" for each in artifacts).encode())
    validators = Validators(sha256_etag(digest.hexdigest(), "zip"), made_at(job))
    headers = {**validators.headers(), "Cache-Control": "private, max-age=31536000, immutable"}
    unchanged = precondition(request, validators, headers)
    if unchanged is not None:
        return unchanged
    # A head needs no file; otherwise all are read before the first byte goes, while an error can still be said.
    body = iter(()) if request.method == "HEAD" else zip_chunks([find_file(blobs, each) for each in artifacts])
    return StreamingResponse(
        body,
        media_type="application/zip",
        headers=headers | {"Content-Disposition": f'attachment; filename="{job.id}.zip"'},
    )


@router.operation(
    GET_ARTIFACT,
    summary="Download an artifact",
    response_class=FileResponse,
    responses=ANSWERS
    | problem_responses(
        "JOB_NOT_FOUND",
        "ARTIFACT_NOT_FOUND",
        "JOB_NOT_SUCCEEDED",
        "PRECONDITION_FAILED",
        "RANGE_NOT_SATISFIABLE",
        "ARTIFACT_LOST",
        "ARTIFACTS_UNAVAILABLE",
        "STORE_UNAVAILABLE",
    ),
)
def get_artifact(job_id: str, name: str, request: Request, jobs: Jobs, blobs: Blobs) -> Response:
    """The file, whole or in ranges. The ETag is `"sha256-<hex>"`; `Repr-Digest` (RFC 9530) has it too."""
    job, artifact = find_artifact(jobs, job_id, name)
    validators = Validators(sha256_etag(artifact.sha256), made_at(job))
    headers = {
        **validators.headers(),
        "Repr-Digest": repr_digest(artifact.sha256),
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    # Before the file is opened: the manifest has everything that a 304 needs.
    unchanged = precondition(request, validators, headers)
    return unchanged or file_response(request, StoredFile(blobs, artifact), validators, headers)
